import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { digestKey } from '#lib/api-keys/api-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { copyMigratedCluster } from '#lib/testing/migrated-cluster.ts';
import { atScale } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { startVerifier, type Verifier } from '#lib/verifier/server.ts';

const CONCURRENT_LIFECYCLES = 8;
const RESTARTS = atScale({ normal: 1, soak: 5 });
/** The minimum load before each fault: its duration, and the number of completed account lifecycles. */
const LOAD = { ms: atScale({ normal: 200, soak: 2_500 }), lifecycles: 2 * CONCURRENT_LIFECYCLES };
/** The machine keeps running, so commits survive without `fsync`. */
const PARAMETERS = { fsync: atScale({ normal: 'off', soak: 'on' }) };
const MAX_DURATION_MS = 10_000;
const MAX_RECOVERY_MS = 5_000;

let folder: string;
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let connection: Connection;
let administrator: Administrator;
let verifier: Verifier;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-failing-'));
  await copyMigratedCluster(folder);
  postgres = await startEmbeddedPostgres({ folder, parameters: PARAMETERS });
  connection = connectDatabase(postgres.url);
  administrator = await createTestAdministrator(connection.database);
  // High enough that the SMS limits never apply.
  await setSmsPolicy(connection.database, { perDay: 100_000, perAccountPerDay: 1_000 });
  const options = { port: 0, host: '127.0.0.1', organisationName: 'X', apiKeyTag: 'stagekey' };
  verifier = await startVerifier({ ...options, databaseUrl: postgres.url });
});
afterAll(async () => {
  await verifier.close();
  await connection.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The state of an account after its last acknowledged change. */
type ExpectedState = { id: string; key: string | null; active: boolean };

/** Excludes accounts whose last change failed, because their state is uncertain. */
const expectedStates = new Map<string, ExpectedState>();
let slowestMs = 0;
let acceptedAfterRevocation = 0;
let lastChangeAt = 0;
let completedLifecycles = 0;

/** Awaits `work`, and updates `slowestMs`. */
async function measureDuration<T>(work: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work;
  } finally {
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  }
}

async function verify(key: string): Promise<number> {
  const headers = { 'X-API-Key': key };
  return (await measureDuration(fetch(`http://127.0.0.1:${verifier.port}/verify`, { headers }))).status;
}

/** Creates an account, reveals its key, deactivates it and resets the key. Awaits each step before the next. */
async function runLifecycle(): Promise<void> {
  const { database } = connection;
  const account = await measureDuration(createTestAccount(database, administrator));
  const { id, version, email, phone } = account;
  expectedStates.set(id, { id, key: null, active: true });
  const step = async <T>(work: Promise<T>, toState: (result: T) => Partial<ExpectedState>) => {
    const before = expectedStates.get(id) as ExpectedState;
    // Until the change is acknowledged, both states are valid. If it fails, they stay valid.
    expectedStates.delete(id);
    expectedStates.set(id, { ...before, ...toState(await measureDuration(work)) });
    lastChangeAt = performance.now();
  };
  await step(revealKey(database, id), (key) => ({ key }));
  const { key } = expectedStates.get(id) as ExpectedState;
  const status = await verify(key ?? '');
  if (status !== 200 && status !== 503) throw new Error(`a valid key got the response ${status}`);
  await step(updateApiAccount(database, administrator, { id, version, email, phone, active: false }), () => ({
    active: false,
  }));
  if ((await verify(key ?? '')) === 200) acceptedAfterRevocation += 1;
  await step(resetApiKey(database, administrator, { id }), () => ({ key: null }));
  if ((await verify(key ?? '')) === 200) acceptedAfterRevocation += 1;
  completedLifecycles += 1;
}

/** Waits while the load continues, until the next fault. */
async function waitUnderLoad(): Promise<void> {
  const before = completedLifecycles;
  await delay(LOAD.ms);
  while (completedLifecycles < before + LOAD.lifecycles) await delay(20);
}

it('survives database restarts and killed backends under load without hanging or losing changes', async () => {
  let isRunning = true;
  const runLifecycles = async () => {
    // Faults interrupt lifecycles; the checks below cover what they leave.
    while (isRunning) await runLifecycle().catch(() => delay(20));
  };
  const running = Array.from({ length: CONCURRENT_LIFECYCLES }, runLifecycles);
  for (let round = 0; round < RESTARTS; round += 1) {
    await waitUnderLoad();
    await connection.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where pid <> pg_backend_pid() and datname = current_database() limit 4`,
    );
    await waitUnderLoad();
    await postgres.stop('immediate');
    postgres = await startEmbeddedPostgres({ folder, parameters: PARAMETERS, port: postgres.port });
    const restartedAt = performance.now();
    while (lastChangeAt < restartedAt) {
      await delay(20);
      expect(performance.now() - restartedAt, 'recovery time in milliseconds').toBeLessThan(MAX_RECOVERY_MS);
    }
  }
  isRunning = false;
  await Promise.all(running);

  expect(acceptedAfterRevocation, 'requests accepted after a revocation').toBe(0);
  expect(slowestMs).toBeLessThan(MAX_DURATION_MS);
  expect(expectedStates.size).toBeGreaterThan(atScale({ normal: 2 * LOAD.lifecycles, soak: 100 }));
  for (const { id, key, active } of expectedStates.values()) {
    const reveal = await readCurrentReveal(connection.database, id);
    expect(reveal.keyDigest).toEqual(key === null ? null : digestKey(key));
    const { rows } = await connection.pool.query('select active from api_accounts where id = $1', [id]);
    expect(rows).toEqual([{ active }]);
  }
  const { rows } = await connection.pool.query(`
    select
      (select count(*)::int from api_accounts where reveal_id is null) as accounts_without_reveal,
      (select count(*)::int from api_accounts a
        where not exists (select 1 from audit_events where account_id = a.id and action = 'api_account.created'))
        as accounts_without_audit_event,
      (select count(*)::int from reveals r
        where (select count(*) from messages where reveal_id = r.id) <> 2) as reveals_without_messages,
      (select count(*)::int from messages m
        where not exists (select 1 from pgboss.job where data->>'messageId' = m.id::text)) as messages_without_job,
      (select count(*)::int from reveals r where end_reason = 'shown'
        and not exists (select 1 from audit_events
          where action = 'api_key.shown' and details->>'revealId' = r.id::text)) as shown_keys_without_audit_event`);
  expect(rows).toEqual([
    {
      accounts_without_reveal: 0,
      accounts_without_audit_event: 0,
      reveals_without_messages: 0,
      messages_without_job: 0,
      shown_keys_without_audit_event: 0,
    },
  ]);
});
