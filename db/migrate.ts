import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { PgBoss } from 'pg-boss';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
/** Any number that nothing else locks: two starters migrate one after the other. */
export const MIGRATION_LOCK = 7_305_113_042;

export type Queue = { name: string; options: object };

async function makeQueues(databaseUrl: string, queues: readonly Queue[]): Promise<void> {
  const boss = new PgBoss({ connectionString: databaseUrl, max: 2, supervise: false, schedule: false });
  const failures: Error[] = [];
  boss.on('error', (error) => failures.push(error));
  await boss.start();
  try {
    for (const { name, options } of queues) {
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
 * @param queues in the order in which they are to be made
 * @throws where there is something to do and this user may not
 */
export async function migrate(databaseUrl: string, queues: readonly Queue[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    if (!(await mayMigrate(client))) return await expectMigrated(client);
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await applyMigrations(drizzle(client), { migrationsFolder: MIGRATIONS });
    await makeQueues(databaseUrl, queues);
  } finally {
    // The end of the connection gives the lock back.
    await client.end();
  }
}
