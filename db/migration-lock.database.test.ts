import { readdir, readFile } from 'node:fs/promises';
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

const MIGRATIONS = new URL('./migrations/', import.meta.url);

/** Drops what a migration has added to tables, and makes it missing. It must be the newest one that is not missing. */
async function undoMigration(file: string): Promise<{ changesAccounts: boolean }> {
  const text = await readFile(new URL(file, MIGRATIONS), 'utf8');
  const find = (pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, one = '', other = '']) => [one, other]);
  const statements = [
    ...find(/^CREATE (?:UNIQUE )?INDEX "(\w+)"/gm).map(([index]) => `drop index if exists ${index}`),
    ...find(/^ALTER TABLE "(\w+)" ADD CONSTRAINT "(\w+)"/gm).map(
      ([table, name]) => `alter table ${table} drop constraint if exists ${name}`,
    ),
    ...find(/^ALTER TABLE "(\w+)" ADD COLUMN "(\w+)"/gm).map(
      ([table, column]) => `alter table ${table} drop column ${column}`,
    ),
    ...find(/^CREATE TABLE "(\w+)"/gm).map(([table]) => `drop table ${table} cascade`),
    // The migration replaces these.
    ...find(/^DROP INDEX "(\w+)"/gm).map(([index]) => `create index ${index} on api_accounts (id)`),
    ...find(/^ALTER TABLE "(\w+)" DROP CONSTRAINT "(\w+)"/gm).map(
      ([table, name]) => `alter table ${table} add constraint ${name} check (true)`,
    ),
    'delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)',
  ];
  await db.pool.query(statements.join(';'));
  return { changesAccounts: /^ALTER TABLE "api_accounts"/m.test(text) };
}

/** Undoes the newest migration that changes `api_accounts`, and the later ones. */
async function undoNewestMigrations(): Promise<void> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql'));
  for (const file of files.toSorted().toReversed()) if ((await undoMigration(file)).changesAccounts) return;
}

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

  it('can be called by several processes at the same time, for an empty database', async () => {
    const url = new URL(db.url);
    url.pathname += '_empty';
    const name = url.pathname.slice(1);
    await db.pool.query(`create database ${name}`);
    try {
      await Promise.all([migrate(url.href), migrate(url.href), migrate(url.href)]);
      const client = createClient(url.href);
      await client.connect();
      const { rows } = await client.query(
        'select count(*)::int as all, count(distinct hash)::int as different from drizzle.__drizzle_migrations',
      );
      await client.end();
      expect(rows[0].all).toBe(rows[0].different);
    } finally {
      await db.pool.query(`drop database ${name} with (force)`);
    }
  });

  it('names the session that holds a lock on a table, and not its own', async () => {
    await undoNewestMigrations();
    await other.query('begin');
    await other.query('lock table api_accounts');
    // Holds a lock on the table of migrations while it waits for the one on `api_accounts`.
    const { message } = await migrate(db.url, LOCK_TIMEOUT_MS).then(
      () => new Error('no error'),
      (error: Error) => error,
    );
    await other.query('rollback');
    expect(message.match(/process \d+/g)).toEqual([`process ${pid}`]);
    await migrate(db.url, LOCK_TIMEOUT_MS);
  });

  it('names the session that holds a lock on the queues', async () => {
    await other.query('begin');
    await other.query('lock table pgboss.queue');
    await expect(migrate(db.url, LOCK_TIMEOUT_MS)).rejects.toThrow(`process ${pid} (`);
    await other.query('rollback');
    await other.query('begin');
    await other.query('select 1 from pgboss.queue for update');
    await expect(migrate(db.url, LOCK_TIMEOUT_MS)).rejects.toThrow(`process ${pid} (`);
    await other.query('rollback');
  });

  it('rejects if the database ends its connections, and completes at the next call', async () => {
    await other.query('select pg_advisory_lock(7305113042)');
    const migrating = migrate(db.url);
    const sessions = `from pg_stat_activity where datname = current_database() and application_name = 'stagedoor'
      and pid <> pg_backend_pid()`;
    // Then one connection waits for the lock, and the one for the migrations is idle.
    await expect
      .poll(async () => (await db.pool.query(`select 1 ${sessions} and wait_event_type = 'Lock'`)).rowCount)
      .toBe(1);
    await Promise.all([
      expect(migrating).rejects.toThrow('terminating connection'),
      db.pool.query(`select pg_terminate_backend(pid) ${sessions}`),
    ]);
    await other.query('select pg_advisory_unlock_all()');
    await migrate(db.url);
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
