import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { environmentSchema } from '#lib/platform/config/environment.ts';

export const ROOT = path.join(import.meta.dirname, '../..');
const RUNNING_MESSAGE = 'Press Ctrl-C to stop.';

/** Blanks every setting, so that the developer's `.env` does not affect the test. The environment has precedence. */
const BLANK_SETTINGS = Object.fromEntries(Object.keys(environmentSchema.shape).map((name) => [name, '']));

/** Lists the processes whose environment or command line contains a text, such as the name of the test's folder. */
export function listCommandLines(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return `${commandLine}${environment}`.includes(text) ? [commandLine] : [];
      } catch {
        // The process has ended, or belongs to another user.
        return [];
      }
    });
}

/** Stagedoor's process, started as `npm start` does. */
export class StagedoorProcess {
  readonly child: ChildProcess;
  readonly exitCode: Promise<number | null>;
  output = '';
  #running: Promise<void>;

  constructor(environment: Record<string, string>, args: string[] = []) {
    const { PATH = '', HOME = '' } = process.env;
    this.child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
      cwd: ROOT,
      // The time zone's offset of 5:45 hours reveals code that depends on the time zone.
      env: { NODE_ENV: 'production', PATH, HOME, TZ: 'Asia/Kathmandu', ...BLANK_SETTINGS, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exitCode = new Promise((resolve) => this.child.once('close', resolve));
    this.#running = new Promise((resolve, reject) => {
      for (const stream of [this.child.stdout, this.child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => {
          this.output += text;
          if (this.output.includes(RUNNING_MESSAGE)) resolve();
        });
      this.child.once('close', (code) => reject(new Error(`exited with ${code}: ${this.output}`)));
    });
    // Prevents an unhandled rejection if the test does not call `waitUntilRunning`.
    this.#running.catch(() => {});
  }

  /** Resolves when all services are running; rejects if the process exits first. */
  waitUntilRunning(): Promise<void> {
    return this.#running;
  }

  /** Sends a signal; resolves with the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal);
    return this.exitCode;
  }
}
