import { type ChildProcess, fork } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  failsHealthChecks,
  isHealthyByMessage,
  stopChild,
  waitForExit,
  waitForReady,
} from '#lib/platform/child-process.ts';
import { CliError } from './terminal.ts';

/** A process to keep running. By IPC, it sends `{ ready: true }` after its start, or `{ failed: reason }`. */
export type Service = {
  name: string;
  program: string;
  execArgv?: string[];
  environment: NodeJS.ProcessEnv;
  /** Where the process serves `GET /healthz`. If missing, its health is checked by IPC. */
  health?: { host: string; port: number };
};

export type Timing = {
  startTimeoutMs: number;
  stopTimeoutMs: number;
  /** The time between two health checks, and the timeout of each. */
  healthIntervalMs: number;
  /** Delay before the restart after the first failure. Doubles with each further one. */
  restartDelayMs: number;
};

const TIMING: Timing = {
  startTimeoutMs: 60_000,
  stopTimeoutMs: 15_000,
  healthIntervalMs: 10_000,
  restartDelayMs: 500,
};
/** After this many failures within this time, another restart would not help. */
const FAILURE_WINDOW_MS = 60_000;
const MAX_FAILURES = 3;

/** Checks health by HTTP on a plain socket: loading `node:http` would cost this small process 15 MB. */
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

type SupervisorOptions = {
  /** Called with the process ids after each start of a process, and with none after `stop`. */
  record(pids: number[]): Promise<void>;
  /** Called if a service keeps failing. */
  abandon(error: CliError): void;
  timing?: Partial<Timing>;
};

/** Keeps services running: restarts one that exits unexpectedly, or fails three health checks in a row. */
export class Supervisor {
  #running = new Map<Service, ChildProcess>();
  /** Children that are stopped for a restart, so their exit does not count as a failure. */
  #restarting = new WeakSet<ChildProcess>();
  #isStopping = false;
  #options: SupervisorOptions;
  #timing: Timing;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
  }

  /** Starts services and resolves when all are ready. */
  async start(services: Service[]): Promise<void> {
    await Promise.all(services.map((service) => this.#launch(service)));
    for (const service of services) void this.#keepRunning(service);
  }

  /**
   * Stops a service, which `#keepRunning` then starts again, without counting that as a failure. Resolves when the old
   * process has ended.
   */
  async restart(name: string): Promise<void> {
    for (const [service, child] of this.#running) {
      if (service.name !== name) continue;
      this.#restarting.add(child);
      await stopChild(child, this.#timing.stopTimeoutMs);
    }
  }

  /** Stops all services with SIGTERM, or SIGKILL if they take too long. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(
      [...this.#running.values()].map((child) => stopChild(child, this.#timing.stopTimeoutMs)),
    );
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
    const failure = await waitForReady(child, this.#timing.startTimeoutMs);
    if (failure !== undefined) throw new CliError(`The ${service.name} service didn't start: ${failure}`);
  }

  async #keepRunning(service: Service): Promise<void> {
    let failures: number[] = [];
    for (;;) {
      const child = this.#running.get(service) as ChildProcess;
      const watch = new AbortController();
      const watching = this.#watchHealth(service, child, watch.signal);
      const exit = await waitForExit(child);
      watch.abort();
      await watching;
      if (this.#isStopping) return;
      if (!this.#restarting.has(child)) {
        const now = performance.now();
        failures = [...failures.filter((at) => now - at < FAILURE_WINDOW_MS), now];
        console.error(`The ${service.name} service stopped unexpectedly (${exit}).`);
        if (failures.length >= MAX_FAILURES)
          return this.#options.abandon(
            new CliError(`The ${service.name} service failed ${failures.length} times in a minute.`),
          );
        await delay(this.#timing.restartDelayMs * 2 ** (failures.length - 1));
        if (this.#isStopping) return;
        console.error(`Restarting the ${service.name} service.`);
      }
      await this.#launch(service).catch((error) => {
        const isExpected =
          this.#isStopping || this.#restarting.has(this.#running.get(service) as ChildProcess);
        if (!isExpected) console.error(error.message);
      });
    }
  }

  /** Checks a child's health until it exits, and stops it after three failed checks in a row. */
  async #watchHealth({ name, health }: Service, child: ChildProcess, signal: AbortSignal): Promise<void> {
    const { healthIntervalMs, stopTimeoutMs } = this.#timing;
    const check = () =>
      health ? isHealthyByHttp(health, healthIntervalMs) : isHealthyByMessage(child, healthIntervalMs);
    const hasFailed = await failsHealthChecks(check, healthIntervalMs, signal);
    if (!hasFailed || this.#isStopping) return;
    console.error(`The ${name} service failed its health check 3 times in a row.`);
    await stopChild(child, stopTimeoutMs);
  }
}
