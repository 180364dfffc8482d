import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import {
  failsHealthChecks,
  isHealthyByMessage,
  stopChild,
  waitForExit,
  waitForReady,
} from '#lib/platform/child-process.ts';
import { log } from '#lib/platform/log.ts';
import { answerProcess, askProcess } from '#lib/platform/process-questions.ts';
import { aggregateMetrics, type MetricValues, selectCumulative, type TextMetrics } from './metrics.ts';

/** Timeouts and intervals in milliseconds. */
type Timing = {
  startTimeoutMs: number;
  stopTimeoutMs: number;
  /** The time between two health checks, and the timeout of each. */
  healthIntervalMs: number;
  /** Delay before the first replacement of a worker. Doubles with each further one. */
  minReplaceDelayMs: number;
  maxReplaceDelayMs: number;
  /** How long a worker must have run for the delay to start again. */
  stableAfterMs: number;
};

const TIMING: Timing = {
  startTimeoutMs: 30_000,
  /** Longer than a worker takes at most (`startVerifier`), shorter than the service may take (`runService`). */
  stopTimeoutMs: 13_500,
  healthIntervalMs: 10_000,
  minReplaceDelayMs: 500,
  maxReplaceDelayMs: 30_000,
  stableAfterMs: 60_000,
};
/** How long a worker has to respond with its metrics, and the pool with those of all workers. */
const METRICS_TIMEOUT_MS = 1_000;
const POOL_METRICS_TIMEOUT_MS = 2 * METRICS_TIMEOUT_MS;

/** Questions of the pool to a worker, and of a worker to the pool. */
const OWN_METRICS = 'own metrics';
const POOL_METRICS = 'pool metrics';

/** A place in the pool, which one worker after another takes. */
type Slot = {
  worker: Worker;
  /** The last known metrics of the worker. */
  metrics: MetricValues;
  /** The cumulative metrics of its predecessors, so that no counter decreases. */
  endedMetrics: MetricValues;
};

/**
 * Runs verifiers in several processes that share a port (Node.js's cluster module), so that one machine uses all its cores.
 * Each worker is a verifier like any other: they share the database, and nothing in memory. This process accepts the
 * connections and passes them on in turn. A worker that ends or stops responding is replaced.
 */
export class WorkerPool {
  #slots: Slot[] = [];
  #stopping = new AbortController();
  #timing: Timing;

  private constructor(timing: Partial<Timing>) {
    this.#timing = { ...TIMING, ...timing };
  }

  /**
   * Starts a number of workers, each with this process's program and environment.
   * @throws if one of them does not start, with the reason
   */
  static async start(count: number, timing: Partial<Timing> = {}): Promise<WorkerPool> {
    const pool = new WorkerPool(timing);
    try {
      await Promise.all(Array.from({ length: count }, () => pool.#addSlot()));
    } catch (error) {
      await pool.stop();
      throw error;
    }
    for (const slot of pool.#slots) void pool.#keepRunning(slot);
    return pool;
  }

  /** Stops all workers at the same time. Each completes its requests and writes its usage counts. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const { stopTimeoutMs } = this.#timing;
    await Promise.all(this.#slots.map(({ worker }) => stopChild(worker.process, stopTimeoutMs)));
  }

  async #addSlot(): Promise<void> {
    const slot: Slot = { worker: this.#fork(), metrics: [], endedMetrics: [] };
    this.#slots.push(slot);
    const failure = await waitForReady(slot.worker.process, this.#timing.startTimeoutMs);
    if (failure !== undefined) throw new Error(failure);
  }

  #fork(): Worker {
    const worker = cluster.fork();
    answerProcess(worker.process, POOL_METRICS, () => this.#collectMetrics());
    return worker;
  }

  /** Replaces the worker of a slot each time it ends, until the pool stops. */
  async #keepRunning(slot: Slot): Promise<void> {
    const { minReplaceDelayMs, maxReplaceDelayMs, stableAfterMs, startTimeoutMs } = this.#timing;
    const { signal } = this.#stopping;
    for (let replaceDelayMs = minReplaceDelayMs; ; ) {
      const startedAt = performance.now();
      const exit = await this.#watchUntilExit(slot.worker);
      if (signal.aborted) return;
      if (performance.now() - startedAt > stableAfterMs) replaceDelayMs = minReplaceDelayMs;
      log.warn('verifier.worker_ended', { pid: slot.worker.process.pid, exit, replaceDelayMs });
      await keepCumulativeMetrics(slot);
      await delay(replaceDelayMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      replaceDelayMs = Math.min(2 * replaceDelayMs, maxReplaceDelayMs);
      slot.worker = this.#fork();
      const { pid } = slot.worker.process;
      const failure = await waitForReady(slot.worker.process, startTimeoutMs);
      if (signal.aborted) return;
      if (failure === undefined) log.info('verifier.worker_replaced', { pid });
      else log.warn('verifier.worker_not_started', { pid, reason: failure });
    }
  }

  /** Waits until a worker ends. Kills it after three failed health checks in a row: its event loop is blocked. */
  async #watchUntilExit({ process: child }: Worker): Promise<string> {
    const { healthIntervalMs } = this.#timing;
    const watch = new AbortController();
    const check = () => isHealthyByMessage(child, healthIntervalMs);
    void failsHealthChecks(check, healthIntervalMs, watch.signal).then((hasFailed) => {
      if (!hasFailed || this.#stopping.signal.aborted) return;
      log.warn('verifier.worker_unhealthy', { pid: child.pid });
      child.kill('SIGKILL');
    });
    const exit = await waitForExit(child);
    watch.abort();
    return exit;
  }

  /** Collects the metrics of all workers, with the last known ones of a worker that does not respond in time. */
  async #collectMetrics(): Promise<TextMetrics> {
    const ask = async (slot: Slot) => {
      const { process: child } = slot.worker;
      const metrics = await askProcess<MetricValues>(child, OWN_METRICS, METRICS_TIMEOUT_MS);
      // It may have been replaced meanwhile.
      if (metrics && slot.worker.process === child) slot.metrics = metrics;
    };
    await Promise.all(this.#slots.map(ask));
    return aggregateMetrics(
      this.#slots.flatMap(({ metrics, endedMetrics }) => [metrics, endedMetrics]),
    ).collect();
  }
}

async function keepCumulativeMetrics(slot: Slot): Promise<void> {
  const ended = [slot.endedMetrics, selectCumulative(slot.metrics)];
  slot.endedMetrics = await aggregateMetrics(ended).read();
  slot.metrics = [];
}

/**
 * Connects a worker's metrics with those of its pool.
 * @param readOwn returns the metrics of this worker
 * @returns the function that collects the metrics of all workers; it throws if the pool does not respond
 */
export function sharePoolMetrics(readOwn: () => Promise<MetricValues>): () => Promise<TextMetrics> {
  answerProcess(process, OWN_METRICS, readOwn);
  return async () => {
    const metrics = await askProcess<TextMetrics>(process, POOL_METRICS, POOL_METRICS_TIMEOUT_MS);
    if (!metrics) throw new Error('the pool of workers did not respond with the metrics');
    return metrics;
  };
}
