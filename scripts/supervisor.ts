import { type ChildProcess, fork } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from './terminal.ts';

/** One process to keep running. It reports `{ ready: true }` or `{ failed: reason }` by IPC. */
export type Service = {
  name: string;
  program: string;
  execArgv?: string[];
  environment: NodeJS.ProcessEnv;
  /** Where it answers `GET /healthz`; without it, health is asked by IPC. */
  health?: { host: string; port: number };
};

export type Timing = {
  startMs: number;
  stopMs: number;
  /** Between two health checks, and how long each may take. */
  healthIntervalMs: number;
  restartDelayMs: number;
};

const TIMING: Timing = { startMs: 60_000, stopMs: 15_000, healthIntervalMs: 10_000, restartDelayMs: 500 };
const MAX_HEALTH_FAILURES = 3;
/** Three failures in this time: another start does not help. */
const QUICK_MS = 60_000;
const MAX_QUICK_FAILURES = 3;

function ended(child: ChildProcess): Promise<string> {
  const how = () => child.signalCode ?? `exit code ${child.exitCode}`;
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(how());
  return new Promise((resolve) => child.once('exit', () => resolve(how())));
}

async function endChild(child: ChildProcess, stopMs: number): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  child.kill('SIGTERM');
  await ended(child);
  clearTimeout(timer);
}

/** Waits until a child serves; returns why it does not, if so. */
async function startFailure(child: ChildProcess, startMs: number): Promise<string | undefined> {
  const timer = setTimeout(() => child.kill('SIGKILL'), startMs);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on('message', (message: { ready?: true; failed?: string }) => {
      if (message.ready) resolve(undefined);
      else if (message.failed) resolve(message.failed);
    });
    // Its last message may still be in the channel.
    void ended(child).then((how) =>
      child.connected ? child.once('disconnect', () => resolve(how)) : resolve(how),
    );
  });
  clearTimeout(timer);
  return failure;
}

/** A plain socket: `node:http` alone would take 15 MB of a process that does nothing else. */
function isHealthyByHttp(
  { host, port }: { host: string; port: number },
  timeoutMs: number,
): Promise<boolean> {
  const target = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return new Promise((resolve) => {
    let response = '';
    const socket = connect({ host: target, port }, () => socket.write('GET /healthz HTTP/1.0\r\n\r\n'));
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.on('data', (chunk) => {
      response += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(/^HTTP\/1\.[01] 200 /.test(response));
    });
  });
}

function isHealthyByMessage(child: ChildProcess, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isHealthy: boolean) => {
      clearTimeout(timer);
      child.off('message', listen);
      resolve(isHealthy);
    };
    const listen = (message: { healthy?: true }) => message.healthy && finish(true);
    const timer = setTimeout(finish, timeoutMs, false);
    child.on('message', listen);
    child.send({ health: true }, (error) => error && finish(false));
  });
}

type SupervisorOptions = {
  /** Called with the process ids whenever they change. */
  record(pids: number[]): Promise<void>;
  /** Called when a service fails again and again. */
  abandon(error: CliError): void;
  timing?: Partial<Timing>;
};

/**
 * Keeps services running: starts a service again when it exits by itself, or fails its health check three times in a
 * row.
 */
export class Supervisor {
  #running = new Map<Service, ChildProcess>();
  /** Those that are ended on purpose, so their exit is no failure. */
  #restarting = new WeakSet<ChildProcess>();
  #isStopping = false;
  #options: SupervisorOptions;
  #timing: Timing;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
  }

  /** Resolves when all of them serve. */
  async start(services: Service[]): Promise<void> {
    await Promise.all(services.map((service) => this.#launch(service)));
    for (const service of services) void this.#keepRunning(service);
  }

  /** Ends the service of this name; it then starts again. */
  async restart(name: string): Promise<void> {
    for (const [service, child] of this.#running) {
      if (service.name !== name) continue;
      this.#restarting.add(child);
      await endChild(child, this.#timing.stopMs);
    }
  }

  /** Ends all services: with SIGTERM, and with SIGKILL those that take too long. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#running.values()].map((child) => endChild(child, this.#timing.stopMs)));
    await this.#options.record([]);
  }

  async #launch(service: Service): Promise<void> {
    const child = fork(service.program, [], {
      execArgv: service.execArgv ?? [],
      env: service.environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#running.set(service, child);
    await this.#options.record([...this.#running.values()].flatMap(({ pid }) => pid ?? []));
    const failure = await startFailure(child, this.#timing.startMs);
    if (failure !== undefined) throw new CliError(`The ${service.name} did not start: ${failure}`);
  }

  async #keepRunning(service: Service): Promise<void> {
    let failures: number[] = [];
    for (;;) {
      const child = this.#running.get(service) as ChildProcess;
      const watch = new AbortController();
      const watching = this.#watchHealth(service, child, watch.signal);
      const how = await ended(child);
      watch.abort();
      await watching;
      if (this.#isStopping) return;
      if (!this.#restarting.has(child)) {
        const now = performance.now();
        failures = [...failures.filter((at) => now - at < QUICK_MS), now];
        console.error(`The ${service.name} ended unexpectedly (${how}).`);
        if (failures.length >= MAX_QUICK_FAILURES)
          return this.#options.abandon(
            new CliError(`The ${service.name} failed ${failures.length} times in a minute.`),
          );
        await delay(this.#timing.restartDelayMs * 2 ** (failures.length - 1));
        if (this.#isStopping) return;
        console.error(`Starting the ${service.name} again.`);
      }
      await this.#launch(service).catch((error) => {
        const isExpected =
          this.#isStopping || this.#restarting.has(this.#running.get(service) as ChildProcess);
        if (!isExpected) console.error(error.message);
      });
    }
  }

  /** Ends the child after three failed checks in a row. */
  async #watchHealth({ name, health }: Service, child: ChildProcess, signal: AbortSignal): Promise<void> {
    const { healthIntervalMs, stopMs } = this.#timing;
    for (let failures = 0; failures < MAX_HEALTH_FAILURES; ) {
      await delay(healthIntervalMs, undefined, { signal }).catch(() => {});
      if (signal.aborted || this.#isStopping) return;
      const isHealthy = await (health
        ? isHealthyByHttp(health, healthIntervalMs)
        : isHealthyByMessage(child, healthIntervalMs));
      failures = isHealthy ? 0 : failures + 1;
    }
    if (signal.aborted || this.#isStopping) return;
    console.error(`The ${name} failed its health check ${MAX_HEALTH_FAILURES} times in a row.`);
    await endChild(child, stopMs);
  }
}
