import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findDatabaseProblem } from '#db/check-database.ts';
import { connectDatabase } from '#db/client.ts';
import { createClient, isPooled } from '#db/client-config.ts';
import { migrate } from '#db/migrate.ts';
import { findFreePort } from '#db/processes.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { itInSoak } from '#lib/testing/it-in-soak.ts';
import { pgBouncer, startPgBouncer } from '#lib/testing/pgbouncer.ts';
import { startService } from '#lib/testing/service-processes.ts';
import { StagedoorProcess } from '#lib/testing/stagedoor-process.ts';
import { insertAccountWithKey, requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';

const REQUESTS = 60;

let db: TestDatabase;
let folder: string;
beforeAll(async () => {
  db = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-pgbouncer-'));
});
afterAll(async () => {
  await db.drop();
  await rm(folder, { recursive: true, force: true });
});

/** The parameters that a verifier sets on a direct connection. PgBouncer 1.18 has no prepared statements. */
const IGNORED =
  'extra_float_digits, statement_timeout, enable_seqscan, plan_cache_mode, jit, synchronous_commit';

describe.skipIf(!pgBouncer).each<[string, Record<string, string>]>([
  ['its defaults', {}],
  ['ignored startup parameters', { ignore_startup_parameters: IGNORED }],
  ['three connections for each database', { default_pool_size: '3' }],
  ['session mode', { pool_mode: 'session' }],
])('behind PgBouncer with %s', (_, settings) => {
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;
  beforeEach(async () => {
    bouncer = await startPgBouncer(path.join(folder, 'bouncer'), db.url, settings);
  });
  afterEach(() => bouncer.stop());

  it('migrations run twice, and leave no lock on a pooled connection', async () => {
    await migrate(bouncer.url, 5_000);
    await migrate(bouncer.url, 5_000);
    const { rows } = await db.pool.query(
      "select count(*)::int as count from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    expect(rows[0].count).toBe(0);
  });

  it('the verifier decides every request, limits accounts and counts their requests', async () => {
    const { id, key } = await insertAccountWithKey(db.pool, { requestsPerMinute: REQUESTS });
    const verifier = await startTestVerifier(bouncer.url, { timing: { flushIntervalMs: 50 } });
    const verify = (value: string) => requestVerifier(verifier.port, { headers: { 'X-API-Key': value } });
    try {
      await expect.poll(async () => (await verify(key)).status).toBe(200);
      const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await verify(key)).status));
      for (let count = 0; count < 20; count += 1) statuses.push((await verify(key)).status);
      expect(new Set(statuses)).toEqual(new Set([200]));
      await db.pool.query('update api_accounts set active = false where id = $1', [id]);
      expect((await verify(key)).status).toBe(403);
    } finally {
      await verifier.close();
    }
    const { rows } = await db.pool.query(
      'select sum(allowed)::int as allowed from api_account_minutes where account_id = $1',
      [id],
    );
    expect(rows[0].allowed).toBe(41);
  });

  it('the verifier leaves no session settings for other clients', async () => {
    const verifier = await startTestVerifier(bouncer.url);
    await expect
      .poll(async () => (await requestVerifier(verifier.port, { path: '/readyz' })).status)
      .toBe(200);
    await verifier.close();
    const { pool, close } = connectDatabase(bouncer.url);
    const clients = await Promise.all(Array.from({ length: 3 }, () => pool.connect()));
    for (const client of clients) {
      const { rows } = await client.query(
        "select current_setting('enable_seqscan') || current_setting('statement_timeout') as settings",
      );
      expect(rows).toEqual([{ settings: 'on0' }]);
      client.release();
    }
    await close();
  });

  it('isPooled recognises the pooler', async () => {
    for (const [url, expected] of [
      [db.url, false],
      [bouncer.url, true],
    ] as const) {
      const client = createClient(url);
      await client.connect();
      expect(await isPooled(client)).toBe(expected);
      await client.end();
    }
  });
});

describe.skipIf(!pgBouncer)('behind PgBouncer', () => {
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;
  beforeAll(async () => {
    bouncer = await startPgBouncer(path.join(folder, 'bouncer'), db.url);
  });
  afterAll(() => bouncer.stop());

  it('findDatabaseProblem names the setting to change in statement mode', async () => {
    const statements = await startPgBouncer(path.join(folder, 'statements'), db.url, {
      pool_mode: 'statement',
    });
    try {
      expect(await findDatabaseProblem(statements.url)).toContain(
        'Set pool_mode = transaction in pgbouncer.ini',
      );
      expect(await findDatabaseProblem(bouncer.url)).toBeUndefined();
    } finally {
      await statements.stop();
    }
  });

  itInSoak('npm run start:verifier starts twice', async () => {
    for (let start = 1; start <= 2; start += 1) {
      const stagedoor = new StagedoorProcess(
        { DATABASE_URL: bouncer.url, STAGEDOOR_DATA: folder, VERIFIER_PORT: String(await findFreePort()) },
        ['verifier'],
      );
      await stagedoor.waitUntilRunning();
      expect(await stagedoor.stop()).toBe(0);
    }
  });

  it('the worker starts and does not LISTEN on a pooled connection', async () => {
    const worker = await startService('worker', {
      STAGEDOOR_DATA: folder,
      DATABASE_URL: bouncer.url,
    });
    const { rows } = await db.pool.query(
      "select count(*)::int as count from pg_stat_activity where datname = current_database() and query ilike 'listen%'",
    );
    expect(rows[0].count).toBe(0);
    expect(await worker.stop()).not.toContain('worker.queue_error');
  });
});
