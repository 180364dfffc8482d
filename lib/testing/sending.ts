import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import type { Administrator } from '#lib/auth/roles.ts';
import { testAdministrator } from './accounts.ts';
import { Providers } from './providers.ts';
import { startTestWorker, type TestWorker, type WorkerProgram } from './worker-process.ts';

/** Workers that send to local providers, on a database of a test's own. */
export class Sending {
  readonly program: WorkerProgram;
  readonly test: TestDatabase;
  readonly providers: Providers;
  readonly administrator: Administrator;
  #workers: TestWorker[] = [];

  private constructor(
    program: WorkerProgram,
    test: TestDatabase,
    providers: Providers,
    administrator: Administrator,
  ) {
    this.program = program;
    this.test = test;
    this.providers = providers;
    this.administrator = administrator;
  }

  static async start(program: WorkerProgram): Promise<Sending> {
    const test = await createTestDatabase();
    const administrator = await testAdministrator(test.database);
    return new Sending(program, test, await Providers.start(), administrator);
  }

  /** Starts one more worker. `providerUrl`: where it looks for the providers. */
  async startWorker(providerUrl = this.providers.url): Promise<TestWorker> {
    const name = `W${this.#workers.length}`;
    const worker = await startTestWorker(this.program, { name, databaseUrl: this.test.url, providerUrl });
    this.#workers.push(worker);
    return worker;
  }

  /** Waits until all messages are so. (A table tells nobody when it changes.) */
  async allAre(condition: string): Promise<void> {
    const statement = `select coalesce(bool_and(${condition}), false) as are from messages`;
    for (;;) {
      const { rows } = await this.test.pool.query(statement);
      if (rows[0].are) return;
      await delay(50);
    }
  }

  /** Lets the wait for the next attempts be over: for the queue's jobs, and for the messages unless told otherwise. */
  async letWaitPass({ jobsOnly = false } = {}): Promise<void> {
    const { pool } = this.test;
    if (!jobsOnly)
      await pool.query('update messages set next_attempt_at = now() where next_attempt_at is not null');
    await pool.query("update pgboss.job set start_after = now() where state = 'created'");
  }

  /** What an administrator reads on an account. */
  async failuresOf(accountId: string): Promise<string[]> {
    return (await readSummary(this.test.database, accountId))?.deliveryFailures ?? [];
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await worker.kill();
    this.providers.close();
    await this.test.drop();
  }
}
