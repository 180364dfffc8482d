import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { FakeProviders } from '#lib/testing/fake-providers.ts';
import { copyMigratedCluster } from '#lib/testing/migrated-cluster.ts';
import { atScale } from '#lib/testing/scale.ts';
import {
  shortenHeartbeats,
  startTestWorker,
  TEST_TIMING,
  type TestWorker,
} from '#lib/testing/worker-process.ts';

/** Only processes are killed, not the machine, so fsync is not needed. */
const POSTGRES_PARAMETERS = { fsync: 'off' };
const TIMING = atScale({
  normal: { ...TEST_TIMING, responseTimeoutMs: 3_000, leaseSeconds: 6 },
  soak: TEST_TIMING,
});

let folder: string;
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let connection: Connection;
let providers: FakeProviders;
let worker: TestWorker;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-restart-'));
  await copyMigratedCluster(folder);
  postgres = await startEmbeddedPostgres({ folder, parameters: POSTGRES_PARAMETERS });
  connection = connectDatabase(postgres.url);
  await shortenHeartbeats(connection.pool);
  providers = await FakeProviders.start();
  worker = await startTestWorker({
    name: 'W0',
    databaseUrl: postgres.url,
    providerUrl: providers.url,
    timing: TIMING,
  });
});
afterAll(async () => {
  await worker.stop();
  providers.close();
  await connection.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

async function waitUntilAllSent(): Promise<void> {
  for (;;) {
    const { rows } = await connection.pool
      .query("select bool_and(state = 'sent') as sent from messages")
      .catch(() => ({ rows: [] }));
    if (rows[0]?.sent) return;
    await delay(50);
  }
}

describe('worker', () => {
  it.each<['fast' | 'immediate', number]>([
    ...atScale<['fast', number][]>({ normal: [], soak: [['fast', 2_000]] }),
    // Longer than an attempt's lease and the queue's heartbeat.
    ['immediate', TIMING.leaseSeconds * 1_000 + atScale({ normal: 1_000, soak: 3_000 })],
  ])(
    'loses and duplicates no message if PostgreSQL is stopped (%s) for %i ms before results are recorded',
    async (mode, downtimeMs) => {
      const administrator = await createTestAdministrator(connection.database);
      providers.received.length = 0;
      // Providers respond to the messages that they have received only after PostgreSQL has stopped.
      const smsReceived = Promise.withResolvers<void>();
      const postgresStopped = Promise.withResolvers<void>();
      providers.behave = async ({ channel }) => {
        if (channel === 'sms') smsReceived.resolve();
        await postgresStopped.promise;
        return 'accept' as const;
      };
      // Distinct in both cases: `mode.length` is 4 or 9.
      const phones = Array.from({ length: 5 }, (_, index) => `+44789417${mode.length}${100 + index}`);
      const accounts = await Promise.all(
        phones.map((phone) => createTestAccount(connection.database, administrator, { phone })),
      );
      await smsReceived.promise;
      await postgres.stop(mode);
      postgresStopped.resolve();
      await delay(downtimeMs);
      postgres = await startEmbeddedPostgres({
        folder,
        port: postgres.port,
        parameters: POSTGRES_PARAMETERS,
      });
      await waitUntilAllSent();
      const textedPhones = providers.getReceived('sms').map(({ id }) => id);
      expect(new Set(textedPhones).size).toBe(textedPhones.length);
      for (const account of accounts) {
        expect(textedPhones).toContain(account.phone);
        expect((await readSummary(connection.database, account.id))?.deliveryProblems).toEqual([]);
      }
      // Resend sends a repeated email only once, if its id and its body are the same.
      const emails = providers.getReceived('email').map(({ id, body }) => `${id} ${body}`);
      expect(new Set(emails).size).toBe(new Set(providers.getReceived('email').map(({ id }) => id)).size);
    },
  );
});
