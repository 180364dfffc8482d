import { hkdfSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { formatAuditRight, readExcessAuditRights } from './audit-rights.ts';
import { makeRole } from './make-role.ts';
import { QUEUE_OPTIONS } from './queues.ts';
import { MIGRATION_LOCK, renewGrants } from './renew-grants.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
/** The ordinary role that the services use in embedded mode, where the cluster's own user is a superuser. */
const APP_ROLE = 'stagedoor_app';

/** Creates the queues, and changes the options of those that exist. */
async function createQueues(databaseUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: databaseUrl, max: 2, supervise: false, schedule: false });
  const failures: Error[] = [];
  boss.on('error', (error) => failures.push(error));
  await boss.start();
  try {
    for (const { name, options } of QUEUE_OPTIONS) {
      if ((await boss.getQueue(name)) === null) await boss.createQueue(name, options);
      else await boss.updateQueue(name, options);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  if (failures[0]) throw failures[0];
}

/** Whether this user may make tables: the owner may, the role that the programs work with may not. */
async function mayMigrate(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query("select has_database_privilege(current_database(), 'CREATE') as may");
  return rows[0].may;
}

/** Makes sure that somebody else has migrated. */
async function expectMigrated(client: pg.Client): Promise<void> {
  const newest = readMigrationFiles({ migrationsFolder: MIGRATIONS }).at(-1)?.folderMillis;
  const { rows } = await client
    .query('select max(created_at)::float8 as at from drizzle.__drizzle_migrations')
    .catch(() => ({ rows: [{ at: null }] }));
  if (newest !== undefined && rows[0].at >= newest) return;
  throw new Error(
    'The database is not migrated, and the user of DATABASE_URL may not do it: set DATABASE_OWNER_URL for one start.',
  );
}

/**
 * Brings a database to the newest schema: the tables, then the queue's own schema and its queues.
 *
 * May be run at any time and by several processes at once (an advisory lock puts them in a row); does
 * nothing where there is nothing to do. A user who may not make tables finds them made.
 * @throws where there is something to do and this user may not
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    if (!(await mayMigrate(client))) return await expectMigrated(client);
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await applyMigrations(drizzle(client), { migrationsFolder: MIGRATIONS });
    await createQueues(databaseUrl);
  } finally {
    // The end of the connection gives the lock back.
    await client.end();
  }
}

/** Makes that role unless it exists. Its password is derived from the owner's, so there is nothing more to store. */
async function embeddedRoleUrl(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl);
  const secret = hkdfSync('sha256', url.password, '', 'stagedoor/app-role', 24);
  url.password = Buffer.from(secret).toString('base64url');
  url.username = APP_ROLE;
  await makeRole(ownerUrl, APP_ROLE, url.password);
  return url.href;
}

/** With one role, no right can be taken away from it; the person who starts Stagedoor is told what that means. */
async function rightsWarning(url: string): Promise<string | undefined> {
  const { role, rights } = await readExcessAuditRights(url);
  if (rights.length === 0) return undefined;
  const words = rights.map((right) => formatAuditRight(right, role)).join(', ');
  return (
    `Warning: the audit log is not protected from the database user ${role} of DATABASE_URL, who ${words}.\n` +
    '  docs/audit-log.md ("Who may do what") says how to use an ordinary user, or two.'
  );
}

/**
 * Migrates a database as its owner, and gives the user that the services connect as what they need.
 * @param options.ownerUrl the user who migrates, if not the one of `databaseUrl`
 * @param options.embedded `databaseUrl` is the superuser's of our own server: the services get another
 * @param options.mayPrune entries of the audit log may be deleted
 * @returns the URL for the services, and what the person who starts Stagedoor should know
 */
export async function migrateAndGrant(options: {
  databaseUrl: string;
  ownerUrl?: string | undefined;
  embedded: boolean;
  mayPrune: boolean;
}): Promise<{ url: string; warning?: string | undefined }> {
  const { databaseUrl, ownerUrl = databaseUrl, embedded, mayPrune } = options;
  await migrate(ownerUrl);
  const url = embedded ? await embeddedRoleUrl(ownerUrl) : databaseUrl;
  if (url === ownerUrl) return { url, warning: await rightsWarning(url) };
  await renewGrants(ownerUrl, decodeURIComponent(new URL(url).username), { mayPrune });
  return { url };
}
