import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';

const LATENCY_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const BATCH_SIZE_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Metrics as values that can be sent to another process. */
export type MetricValues = MetricObjectWithValues<MetricValue<string>>[];
/** Metrics in Prometheus's text format. */
export type TextMetrics = { mediaType: string; text: string };

const collectText = async (registry: Registry): Promise<TextMetrics> => ({
  mediaType: registry.contentType,
  text: await registry.metrics(),
});

/** Sums up the metrics of several verifiers. Those of the process that cannot be summed up are averaged or omitted. */
export function aggregateMetrics(all: MetricValues[]) {
  const registry: Registry = AggregatorRegistry.aggregate(all);
  return { collect: () => collectText(registry), read: () => registry.getMetricsAsJSON() };
}

/** Selects the metrics that only increase. */
export const selectCumulative = (metrics: MetricValues): MetricValues =>
  metrics.filter(({ type }) => ['counter', 'histogram'].includes(String(type)));

/** Collects the verifier's Prometheus metrics. They contain nothing about an account, a key or a client. */
export class Metrics {
  #registry = new Registry();
  #latency: Histogram;
  #batchSize: Histogram;
  #connectionErrors: Counter;
  /** Copied to the counter when metrics are collected, because incrementing a labelled counter is slow. */
  #responsesByStatus = new Map<number, number>();

  /** @param options.queueLength called each time the metrics are collected */
  constructor({ queueLength }: { queueLength(): number }) {
    const registers = [this.#registry];
    const responsesByStatus = this.#responsesByStatus;
    new Counter({
      name: 'stagedoor_verifier_requests_total',
      help: 'Requests to /verify, by response status.',
      labelNames: ['status'],
      registers,
      collect() {
        this.reset();
        for (const [status, count] of responsesByStatus) this.inc({ status: String(status) }, count);
      },
    });
    this.#latency = new Histogram({
      name: 'stagedoor_verifier_request_duration_seconds',
      help: 'Time from the arrival of a request to /verify until its response.',
      buckets: LATENCY_BUCKETS_SECONDS,
      registers,
    });
    this.#batchSize = new Histogram({
      name: 'stagedoor_verifier_batch_size',
      help: 'Lookups per database query.',
      buckets: BATCH_SIZE_BUCKETS,
      registers,
    });
    new Gauge({
      name: 'stagedoor_verifier_queue_length',
      help: 'Requests that wait for a database query.',
      registers,
      collect() {
        this.set(queueLength());
      },
    });
    this.#connectionErrors = new Counter({
      name: 'stagedoor_verifier_database_errors_total',
      help: 'Database connections that were lost or could not be opened.',
      registers,
    });
    collectDefaultMetrics({ register: this.#registry });
  }

  /** @param milliseconds from the request's arrival to its response */
  recordResponse(status: number, milliseconds: number): void {
    this.#responsesByStatus.set(status, (this.#responsesByStatus.get(status) ?? 0) + 1);
    this.#latency.observe(milliseconds / 1_000);
  }

  recordBatch(size: number): void {
    this.#batchSize.observe(size);
  }

  recordConnectionError(): void {
    this.#connectionErrors.inc();
  }

  read(): Promise<MetricValues> {
    return this.#registry.getMetricsAsJSON();
  }

  collect(): Promise<TextMetrics> {
    return collectText(this.#registry);
  }
}
