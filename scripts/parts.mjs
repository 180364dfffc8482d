import { fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Trouble } from './trouble.mjs';

/** @typedef {import('#lib/settings.ts').Part} Part */
/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

const SCRIPTS = import.meta.dirname;
/**
 * The worker's email is a .tsx file, which Node does not read by itself. In web, next-auth's openid-client 5 calls
 * `url.parse`, and Node would complain of it at each start.
 */
const OPTIONS = { web: ['--disable-warning=DEP0169'], verifier: [], worker: ['--import', 'tsx'] };
const LONGEST_START_MS = 60_000;
const LONGEST_STOP_MS = 15_000;
/** Three failures in this time, and something is wrong that another start does not put right. */
const QUICK_MS = 60_000;
const MOST_QUICK_FAILURES = 3;

/**
 * Keeps Stagedoor's parts running: one process each, started anew when it ends by itself.
 */
export class Parts {
  /** @type {Map<Part, ChildProcess>} */
  #running = new Map();
  #isStopping = false;
  #environmentFor;
  #record;
  #giveUp;

  /**
   * @param {object} options
   * @param {(part: Part) => NodeJS.ProcessEnv} options.environmentFor
   * @param {(pids: number[]) => Promise<void>} options.record told the processes whenever they change
   * @param {(trouble: Trouble) => void} options.giveUp told when a part fails again and again
   */
  constructor({ environmentFor, record, giveUp }) {
    this.#environmentFor = environmentFor;
    this.#record = record;
    this.#giveUp = giveUp;
  }

  /** @param {Part[]} parts resolves when all of them serve */
  async start(parts) {
    await Promise.all(parts.map((part) => this.#launch(part)));
    for (const part of parts) void this.#keep(part);
  }

  /** Ends all of them: politely, and after 15 seconds by force. */
  async stop() {
    this.#isStopping = true;
    await Promise.all([...this.#running.values()].map(endChild));
    await this.#record([]);
  }

  /** @param {Part} part */
  async #launch(part) {
    const child = fork(path.join(SCRIPTS, `${part}.ts`), [], {
      cwd: path.dirname(SCRIPTS),
      execArgv: OPTIONS[part],
      env: this.#environmentFor(part),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#running.set(part, child);
    await this.#record([...this.#running.values()].flatMap(({ pid }) => pid ?? []));
    await readiness(part, child);
  }

  /** @param {Part} part */
  async #keep(part) {
    /** @type {number[]} */
    let failures = [];
    for (;;) {
      const how = await ended(/** @type {ChildProcess} */ (this.#running.get(part)));
      if (this.#isStopping) return;
      const now = performance.now();
      failures = [...failures.filter((at) => now - at < QUICK_MS), now];
      console.error(`The ${part} ended unexpectedly (${how}).`);
      if (failures.length >= MOST_QUICK_FAILURES)
        return this.#giveUp(new Trouble(`The ${part} failed ${failures.length} times in a minute.`));
      await delay(500 * 2 ** (failures.length - 1));
      if (this.#isStopping) return;
      console.error(`Starting the ${part} again.`);
      await this.#launch(part).catch((error) => console.error(error.message));
    }
  }
}

/** @param {ChildProcess} child @returns {Promise<string>} how it ended */
function ended(child) {
  const tell = () => child.signalCode ?? `exit code ${child.exitCode}`;
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(tell());
  return new Promise((resolve) => child.once('exit', () => resolve(tell())));
}

/** @param {ChildProcess} child */
async function endChild(child) {
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_STOP_MS);
  child.kill('SIGTERM');
  await ended(child);
  clearTimeout(timer);
}

/** @param {Part} part @param {ChildProcess} child @returns {Promise<void>} */
async function readiness(part, child) {
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_START_MS);
  /** @type {string | undefined} */
  const failure = await new Promise((resolve) => {
    child.on('message', (/** @type {{ ready?: true, failed?: string }} */ message) => {
      if (message.ready) resolve(undefined);
      else if (message.failed) resolve(message.failed);
    });
    // Its last words may still be in the channel.
    void ended(child).then((how) =>
      child.connected ? child.once('disconnect', () => resolve(how)) : resolve(how),
    );
  });
  clearTimeout(timer);
  if (failure !== undefined) throw new Trouble(`The ${part} did not start: ${failure}`);
}
