import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds. */
const LATENCIES = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** What is read at the moment when somebody asks. */
export type Readings = { queueLength(): number };

/** What the verifier tells Prometheus: nothing of any account, key or client. */
export class Metrics {
  #registry = new Registry();
  #latency: Histogram;
  #batchSize: Histogram;
  #databaseErrors: Counter;
  /** Counted here, and handed over when somebody asks: a labelled counter costs more than the rest of a request. */
  #byStatus = new Map<number, number>();

  constructor({ queueLength }: Readings) {
    const registers = [this.#registry];
    const byStatus = this.#byStatus;
    new Counter({
      name: 'stagedoor_verifier_requests_total',
      help: 'Requests at /verify, by the status they were answered with.',
      labelNames: ['status'],
      registers,
      collect() {
        this.reset();
        for (const [status, count] of byStatus) this.inc({ status: String(status) }, count);
      },
    });
    this.#latency = new Histogram({
      name: 'stagedoor_verifier_request_duration_seconds',
      help: 'From the arrival of a request at /verify to its answer.',
      buckets: LATENCIES,
      registers,
    });
    this.#batchSize = new Histogram({
      name: 'stagedoor_verifier_batch_size',
      help: 'Lookups that went to the database in one statement.',
      buckets: BATCH_SIZES,
      registers,
    });
    new Gauge({
      name: 'stagedoor_verifier_queue_length',
      help: 'Requests that wait for a statement to go into.',
      registers,
      collect() {
        this.set(queueLength());
      },
    });
    this.#databaseErrors = new Counter({
      name: 'stagedoor_verifier_database_errors_total',
      help: 'Connections to the database that were lost or could not be opened.',
      registers,
    });
    collectDefaultMetrics({ register: this.#registry });
  }

  /** @param milliseconds from arrival to answer */
  answered(status: number, milliseconds: number): void {
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    this.#latency.observe(milliseconds / 1_000);
  }

  lookedUp(batchSize: number): void {
    this.#batchSize.observe(batchSize);
  }

  databaseTrouble(): void {
    this.#databaseErrors.inc();
  }

  /** @returns in Prometheus's text format, and its media type */
  async read(): Promise<{ type: string; text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
