import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrate } from '#db/migrate.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { digestKey } from '#lib/api-keys/digest.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { presentReveal, revealKey, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { startVerifier, type Verifier } from '#lib/verifier/server.ts';

const WORKERS = 8;
const RESTARTS = atScale({ normal: 1, soak: 5 });
/** How long the load lasts before each fault, and how many lives it completes at least. */
const LOAD = { ms: atScale({ normal: 200, soak: 2_500 }), lives: 2 * WORKERS };
/** Nothing that is committed depends on the disk while the machine itself keeps running. */
const PARAMETERS = { fsync: atScale({ normal: 'off', soak: 'on' }) };
const SLOWEST_MS = 10_000;
const SERVING_AGAIN_MS = 5_000;

let folder: string;
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let connection: Connection;
let administrator: Administrator;
let verifier: Verifier;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-failing-'));
  postgres = await startEmbeddedPostgres({ folder, parameters: PARAMETERS });
  await migrate(postgres.url);
  connection = connectDatabase(postgres.url);
  administrator = await testAdministrator(connection.database);
  // So that no ceiling of the rules for texts is in the way.
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

/** What an account must look like by what was acknowledged; gone from the list once an answer was lost. */
type Acknowledged = { id: string; key: string | null; active: boolean };

const acknowledged = new Map<string, Acknowledged>();
let slowest = 0;
let letThrough = 0;
let doneAt = 0;
let lives = 0;

async function timed<T>(work: Promise<T>): Promise<T> {
  const begun = performance.now();
  try {
    return await work;
  } finally {
    slowest = Math.max(slowest, performance.now() - begun);
  }
}

async function verify(key: string): Promise<number> {
  const headers = { 'X-API-Key': key };
  return (await timed(fetch(`http://127.0.0.1:${verifier.port}/verify`, { headers }))).status;
}

/** The life of one account, each step acknowledged before the next. */
async function oneLife(): Promise<void> {
  const { database } = connection;
  const account = await timed(testAccount(database, administrator));
  const { id, version, email, phone } = account;
  acknowledged.set(id, { id, key: null, active: true });
  const step = async <T>(work: Promise<T>, then: (result: T) => Partial<Acknowledged>) => {
    const before = acknowledged.get(id) as Acknowledged;
    // While an act is under way, either outcome is right; where it throws, it stays so.
    acknowledged.delete(id);
    acknowledged.set(id, { ...before, ...then(await timed(work)) });
    doneAt = performance.now();
  };
  await step(revealKey(database, id), (key) => ({ key }));
  const { key } = acknowledged.get(id) as Acknowledged;
  const status = await verify(key ?? '');
  if (status !== 200 && status !== 503) throw new Error(`a good key was answered ${status}`);
  await step(updateApiAccount(database, administrator, { id, version, email, phone, active: false }), () => ({
    active: false,
  }));
  if ((await verify(key ?? '')) === 200) letThrough += 1;
  await step(resetApiKey(database, administrator, { id }), () => ({ key: null }));
  if ((await verify(key ?? '')) === 200) letThrough += 1;
  lives += 1;
}

/** Lets the load go on before the next fault. */
async function underLoad(): Promise<void> {
  const before = lives;
  await delay(LOAD.ms);
  while (lives < before + LOAD.lives) await delay(20);
}

it('survives restarts and killed backends under load: nothing hangs, is half done, or is lost', async () => {
  let running = true;
  const work = async () => {
    // A life that was cut short is an outcome like any other here; what it left is judged below.
    while (running) await oneLife().catch(() => delay(20));
  };
  const workers = Array.from({ length: WORKERS }, work);
  for (let round = 0; round < RESTARTS; round += 1) {
    await underLoad();
    await connection.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where pid <> pg_backend_pid() and datname = current_database() limit 4`,
    );
    await underLoad();
    await postgres.stop('immediate');
    postgres = await startEmbeddedPostgres({ folder, parameters: PARAMETERS, port: postgres.port });
    const restartedAt = performance.now();
    while (doneAt < restartedAt) {
      await delay(20);
      expect(performance.now() - restartedAt, 'milliseconds until it serves again').toBeLessThan(
        SERVING_AGAIN_MS,
      );
    }
  }
  running = false;
  await Promise.all(workers);

  expect(letThrough, 'requests let through after a revocation').toBe(0);
  expect(slowest).toBeLessThan(SLOWEST_MS);
  expect(acknowledged.size).toBeGreaterThan(atScale({ normal: 2 * LOAD.lives, soak: 100 }));
  for (const { id, key, active } of acknowledged.values()) {
    const present = await presentReveal(connection.database, id);
    expect(present.keyDigest).toEqual(key === null ? null : digestKey(key));
    const { rows } = await connection.pool.query('select active from api_accounts where id = $1', [id]);
    expect(rows).toEqual([{ active }]);
  }
  const { rows } = await connection.pool.query(`
    select
      (select count(*)::int from api_accounts where reveal_id is null) as accounts_without_reveal,
      (select count(*)::int from api_accounts a
        where not exists (select 1 from audit_events where account_id = a.id and act = 'api_account.created'))
        as accounts_off_record,
      (select count(*)::int from reveals r
        where (select count(*) from messages where reveal_id = r.id) <> 2) as reveals_without_messages,
      (select count(*)::int from messages m
        where not exists (select 1 from pgboss.job where data->>'messageId' = m.id::text)) as messages_without_job,
      (select count(*)::int from reveals r where ended_because = 'shown'
        and not exists (select 1 from audit_events
          where act = 'api_key.shown' and details->>'revealId' = r.id::text)) as keys_off_record`);
  expect(rows).toEqual([
    {
      accounts_without_reveal: 0,
      accounts_off_record: 0,
      reveals_without_messages: 0,
      messages_without_job: 0,
      keys_off_record: 0,
    },
  ]);
}, 120_000);
