import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from './accounts.ts';
import { FakeProviders } from './fake-providers.ts';
import {
  shortenHeartbeats,
  startTestWorker,
  type TestWorker,
  type TestWorkerOptions,
} from './worker-process.ts';

/** A database, and workers that send its messages to fake providers. */
export class DeliveryTestBed {
  readonly db: TestDatabase;
  readonly providers: FakeProviders;
  readonly administrator: Administrator;
  #workers: TestWorker[] = [];

  private constructor(db: TestDatabase, providers: FakeProviders, administrator: Administrator) {
    this.db = db;
    this.providers = providers;
    this.administrator = administrator;
  }

  static async start(): Promise<DeliveryTestBed> {
    const db = await createTestDatabase();
    await shortenHeartbeats(db.pool);
    const administrator = await createTestAdministrator(db.database);
    return new DeliveryTestBed(db, await FakeProviders.start(), administrator);
  }

  /** Starts another worker, by default with this test's providers. */
  async startWorker(options: Partial<TestWorkerOptions> = {}): Promise<TestWorker> {
    const name = `W${this.#workers.length}`;
    const { url: providerUrl } = this.providers;
    const worker = await startTestWorker({ name, databaseUrl: this.db.url, providerUrl, ...options });
    this.#workers.push(worker);
    return worker;
  }

  /** Polls until all messages satisfy an SQL condition. */
  async waitForMessages(condition: string): Promise<void> {
    const statement = `select coalesce(bool_and(${condition}), false) as is_true from messages`;
    for (;;) {
      const { rows } = await this.db.pool.query(statement);
      if (rows[0].is_true) return;
      await delay(50);
    }
  }

  /** Ends the waits for the next attempts, in the queue and, unless `jobsOnly` is true, in the messages. */
  async skipWait({ jobsOnly = false } = {}): Promise<void> {
    const { pool } = this.db;
    if (!jobsOnly)
      await pool.query('update messages set next_attempt_at = now() where next_attempt_at is not null');
    await pool.query("update pgboss.job set start_after = now() where state = 'created'");
  }

  /** Reads the delivery failures that an administrator sees on an account. */
  async readFailures(accountId: string): Promise<string[]> {
    const summary = await readSummary(this.db.database, accountId);
    return summary?.deliveryProblems.map(({ text }) => text) ?? [];
  }

  /** Stops the workers that were not killed; returns their exit codes. */
  async stopWorkers(): Promise<(number | null)[]> {
    const running = this.#workers.filter(({ process }) => process.signalCode === null);
    return Promise.all(running.map((worker) => worker.stop()));
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await worker.kill();
    this.providers.close();
    await this.db.drop();
  }
}
