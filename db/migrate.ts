import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import { formatAuditRight, readExcessAuditRights } from './audit-rights.ts';
import { createClient, createClientConfig } from './client-config.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { makeRole } from './make-role.ts';
import { withLockTimeout, withMigrationLock } from './migration-lock.ts';
import { FORMER_QUEUES, QUEUE_OPTIONS } from './queues.ts';
import { renewGrants } from './renew-grants.ts';
import { createSearchIndex } from './search-index.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
/** The services' unprivileged role in embedded mode, where the owner of the database is a superuser. */
const APP_ROLE = 'stagedoor_app';

/** Moves the jobs of queues that were renamed, and deletes their old queues. */
async function renameQueues(boss: PgBoss, client: pg.Client): Promise<void> {
  for (const [former, name] of Object.entries(FORMER_QUEUES)) {
    if ((await boss.getQueue(former)) === null) continue;
    await client.query('update pgboss.job set name = $2 where name = $1', [former, name]);
    await boss.deleteQueue(former);
  }
}

/** Waits for locks on the queues: pg-boss would wait for them without a limit. */
async function awaitQueueLocks(client: pg.Client): Promise<void> {
  const { rows } = await client.query("select to_regclass('pgboss.queue') is not null as exists");
  if (rows[0].exists) await client.query('select 1 from pgboss.queue for update');
}

/** Creates missing queues, updates the options of existing ones, and moves the jobs of queues with a former name. */
async function createQueues(databaseUrl: string, client: pg.Client): Promise<void> {
  const config = createClientConfig(databaseUrl);
  const boss = new PgBoss({ ...config, max: 2, supervise: false, schedule: false });
  const errors: Error[] = [];
  boss.on('error', (error) => errors.push(error));
  await boss.start();
  try {
    for (const { name, options, policy } of QUEUE_OPTIONS) {
      if ((await boss.getQueue(name)) === null)
        await boss.createQueue(name, { ...options, ...(policy && { policy }) });
      else await boss.updateQueue(name, options);
    }
    await renameQueues(boss, client);
  } finally {
    await boss.stop({ graceful: false });
  }
  if (errors[0]) throw errors[0];
}

/** Reports whether the connected role may create schemas in the database: the owner may, the services' role may not. */
async function canMigrate(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    "select has_database_privilege(current_database(), 'CREATE') as can_create",
  );
  return rows[0].can_create;
}

/**
 * Checks that the owner has already migrated the database.
 * @throws if not
 */
async function expectMigrated(client: pg.Client): Promise<void> {
  const newestMigration = readMigrationFiles({ migrationsFolder: MIGRATIONS }).at(-1)?.folderMillis;
  const { rows } = await client
    .query('select max(created_at)::float8 as at from drizzle.__drizzle_migrations')
    .catch(() => ({ rows: [{ at: null }] }));
  if (newestMigration !== undefined && rows[0].at >= newestMigration) return;
  throw new Error(
    'The database is not migrated, and the user of DATABASE_URL may not migrate it: set DATABASE_OWNER_URL for one start.',
  );
}

/**
 * Applies the migrations that are missing. The caller begins and commits the transaction.
 *
 * Drizzle's own migrator cannot limit how long it waits for a lock: behind a pooler, `lock_timeout` must be set inside
 * the transaction.
 */
async function applyMigrations(client: pg.Client): Promise<void> {
  await client.query('create schema if not exists drizzle');
  await client.query(
    'create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
  );
  const { rows } = await client.query(
    'select coalesce(max(created_at), 0)::float8 as newest from drizzle.__drizzle_migrations',
  );
  for (const { sql, hash, folderMillis } of readMigrationFiles({ migrationsFolder: MIGRATIONS })) {
    if (folderMillis <= rows[0].newest) continue;
    for (const statement of sql) await client.query(statement);
    await client.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [
      hash,
      folderMillis,
    ]);
  }
}

/**
 * Migrates a database to the latest schema: the tables, the index of the search, then the schema and queues of pg-boss.
 *
 * Can be called at any time, also by several processes: a lock serialises them. Leaves tables and data as they are if
 * the database is up to date.
 * @param lockTimeoutMs how long to wait for each lock
 * @throws if a migration is needed and the role may not create schemas, or if another session holds a lock too long
 */
export async function migrate(databaseUrl: string, lockTimeoutMs?: number): Promise<void> {
  const client = createClient(databaseUrl);
  await client.connect();
  try {
    if (!(await canMigrate(client))) return await expectMigrated(client);
    const work = async () => {
      await withLockTimeout(client, () => applyMigrations(client), lockTimeoutMs);
      await withLockTimeout(client, () => createSearchIndex(client), lockTimeoutMs);
      await withLockTimeout(client, () => awaitQueueLocks(client), lockTimeoutMs);
      await createQueues(databaseUrl, client);
    };
    await withMigrationLock(databaseUrl, work, lockTimeoutMs);
  } finally {
    await client.end();
  }
}

/** Creates the services' role, or sets its password, and returns its URL. */
async function createAppRole(ownerUrl: string, password: string): Promise<string> {
  await makeRole(ownerUrl, APP_ROLE, password);
  return Object.assign(new URL(ownerUrl), { username: APP_ROLE, password }).href;
}

/** Returns a warning if the services' role, for which no separate owner is set, has excess rights on the audit log. */
async function warnOfExcessRights(url: string): Promise<string | undefined> {
  const { role, rights } = await readExcessAuditRights(url);
  if (rights.length === 0) return undefined;
  const descriptions = rights.map((right) => formatAuditRight(right, role)).join(', ');
  return (
    `Warning: the audit log is not protected from the database user ${role} of DATABASE_URL, who ${descriptions}.\n` +
    '  docs/reference/audit-events.md ("Permissions") describes which users to use:\n' +
    '  one that is not a superuser, or better two, one for migrations and one for the services.'
  );
}

/**
 * Migrates a database as its owner, and grants the services' role what it needs.
 * @param options.ownerUrl URL of the owner, if it is not `databaseUrl`
 * @param options.appPassword only if `databaseUrl` is that of the embedded server's superuser: the password of the
 *   services' role (ASCII letters, digits, `-` and `_`)
 * @param options.mayPrune whether the services' role may delete old audit events. An owner always may
 * @returns the URL for the services; and, if their role has rights that it should not have, a warning for the operator
 */
export async function migrateAndGrant(options: {
  databaseUrl: string;
  ownerUrl?: string | undefined;
  appPassword?: string | undefined;
  mayPrune: boolean;
}): Promise<{ url: string; warning?: string | undefined }> {
  const { databaseUrl, ownerUrl = databaseUrl, appPassword, mayPrune } = options;
  await migrate(ownerUrl);
  const url = appPassword ? await createAppRole(ownerUrl, appPassword) : databaseUrl;
  if (url === ownerUrl) return { url, warning: await warnOfExcessRights(url) };
  return { url, warning: await renewGrants(ownerUrl, parseDatabaseUrl(url).user, { mayPrune }) };
}
