import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { migrate } from '#lib/migrate.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { Providers } from '#lib/testing/providers.ts';
import {
  bundleWorker,
  startTestWorker,
  type TestWorker,
  type WorkerProgram,
} from '#lib/testing/worker-process.ts';

let program: WorkerProgram;
let folder: string;
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let connection: Connection;
let providers: Providers;
let worker: TestWorker;

beforeAll(async () => {
  program = await bundleWorker();
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-away-'));
  postgres = await startEmbeddedPostgres({ folder });
  await migrate(postgres.url);
  connection = connectDatabase(postgres.url);
  providers = await Providers.start();
  worker = await startTestWorker(program, {
    name: 'W0',
    databaseUrl: postgres.url,
    providerUrl: providers.url,
  });
}, 60_000);
afterAll(async () => {
  await worker.stop();
  providers.close();
  await connection.close();
  await postgres.stop();
  await Promise.all([rm(folder, { recursive: true, force: true }), program.remove()]);
});

async function allSent(): Promise<void> {
  for (;;) {
    const { rows } = await connection.pool
      .query("select bool_and(state = 'sent') as sent from messages")
      .catch(() => ({ rows: [] }));
    if (rows[0]?.sent) return;
    await delay(50);
  }
}

/** The lease of an attempt is ten seconds: the second stop outlasts it, and the queue's heartbeat too. */
it.each([
  ['fast', 2_000],
  ['immediate', 13_000],
] as const)(
  'PostgreSQL stopped (%s) between answer and write, for %i ms: nothing lost, and nothing twice',
  async (mode, awayMs) => {
    const administrator = await testAdministrator(connection.database);
    providers.taken.length = 0;
    // Every provider that has a message by then answers once PostgreSQL is gone.
    const created = Promise.withResolvers<void>();
    let gone: Promise<void> | undefined;
    providers.behave = async () => {
      await created.promise;
      gone ??= postgres.stop(mode);
      await gone;
      return 'accept' as const;
    };
    const accounts = [];
    for (let index = 0; index < 5; index += 1) {
      const phone = `+44789417${mode.length}${100 + index}`;
      accounts.push(await testAccount(connection.database, administrator, { phone }));
    }
    while (providers.of('sms').length === 0) await delay(10);
    created.resolve();
    while (!gone) await delay(10);
    await gone;
    await delay(awayMs);
    postgres = await startEmbeddedPostgres({ folder, port: postgres.port });
    await allSent();
    const texts = providers.of('sms').map(({ id }) => id);
    expect(new Set(texts).size).toBe(texts.length);
    for (const account of accounts) {
      expect(texts).toContain(account.phone);
      expect((await readSummary(connection.database, account.id))?.deliveryFailures).toEqual([]);
    }
    const emails = providers.of('email').map(({ id, body }) => `${id} ${body}`);
    expect(new Set(emails).size).toBe(new Set(providers.of('email').map(({ id }) => id)).size);
  },
  90_000,
);
