import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from './client-config.ts';
import { migrate } from './migrate.ts';
import { withMigrationLock } from './migration-lock.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

/** As short as possible, because tests wait for it. */
const LOCK_TIMEOUT_MS = 100;

let db: TestDatabase;
let other: pg.Client;
let pid: number;
beforeAll(async () => {
  db = await createTestDatabase();
  other = createClient(`${db.url}?application_name=another`);
  await other.connect();
  pid = (await other.query('select pg_backend_pid() as pid')).rows[0].pid;
});
afterAll(async () => {
  await other.end();
  await db.drop();
});

describe('migrate', () => {
  it('names the session that holds the lock of another migration, as earlier versions left it on poolers', async () => {
    await other.query('select pg_advisory_lock(7305113042)');
    await expect(migrate(db.url, LOCK_TIMEOUT_MS)).rejects.toThrow(
      new RegExp(
        `held a lock for more than 0.1 s: process ${pid} \\(user stagedoor, application "another", idle for .*pg_terminate_backend\\(${pid}\\)`,
      ),
    );
    await other.query('select pg_advisory_unlock_all()');
    await migrate(db.url, LOCK_TIMEOUT_MS);
  });

  it('names the session that holds a lock on a table', async () => {
    await db.pool.query(
      'delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)',
    );
    await other.query('begin');
    await other.query('lock table drizzle.__drizzle_migrations');
    await expect(migrate(db.url, LOCK_TIMEOUT_MS)).rejects.toThrow(`process ${pid} (`);
    await other.query('rollback');
  });
});

describe('withMigrationLock', () => {
  it('releases the lock if the work fails', async () => {
    const failing = withMigrationLock(db.url, () => Promise.reject(new Error('a mistake')));
    await expect(failing).rejects.toThrow('a mistake');
    await withMigrationLock(db.url, async () => {}, LOCK_TIMEOUT_MS);
  });

  it('runs one work after the other', async () => {
    const steps: string[] = [];
    const run = () =>
      withMigrationLock(db.url, async () => {
        steps.push('start');
        await db.pool.query('select 1');
        steps.push('end');
      });
    await Promise.all([run(), run(), run()]);
    expect(steps).toEqual(['start', 'end', 'start', 'end', 'start', 'end']);
  });
});
