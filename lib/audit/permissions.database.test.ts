import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExcessAuditRights } from '#db/audit-rights.ts';
import { type Connection, connectDatabase } from '#db/client.ts';
import { migrate } from '#db/migrate.ts';
import { renewGrants } from '#db/renew-grants.ts';
import { auditErasableDetails } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { createOwnedDatabase, createTestRole, dropRole, type TestRole } from '#lib/testing/database-roles.ts';
import { eraseAuditDetails } from './erase.ts';
import { recordAuditEvent } from './record.ts';

const ACCOUNT_ID = '01940000-0000-7000-8000-0000000000a1';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const recordEvent = ({ database }: Pick<Connection, 'database'>) =>
  withTransaction(database, async (transaction) =>
    recordAuditEvent(transaction, 'api_account.edited', {
      userId: null,
      accountId: ACCOUNT_ID,
      erasableDetails: { email: 'it@example.com' },
    }),
  );

/** Inserts, reads and erases details, as the services do. */
async function expectCanErase(connection: Connection): Promise<void> {
  await recordEvent(connection);
  const countRows = () => connection.database.$count(auditErasableDetails);
  expect(await countRows()).toBeGreaterThan(0);
  await withTransaction(connection.database, (transaction) => eraseAuditDetails(transaction, ACCOUNT_ID));
  expect(await countRows()).toBe(0);
}

/**
 * Statements that change, lock or remove entries or the ends of the chain, or change erasable details, without changing privileges. `audit_prune`
 * takes the retention period in days and the maximum number of entries to delete.
 */
const TAMPERING = {
  update: "update audit_events set details = '{}'",
  'update nothing': 'update audit_events set action = action where false',
  delete: 'delete from audit_events',
  truncate: 'truncate audit_events',
  'truncate together with another table': 'truncate audit_chain, audit_events',
  'update by insert': `insert into audit_events (id, action) select id, 'sign_out' from audit_events
    on conflict (id) do update set action = excluded.action`,
  'update in a common table expression': `with changed as (update audit_events set address = null returning 1)
    select * from changed`,
  'merge, updating':
    'merge into audit_events e using audit_events o on e.id = o.id when matched then update set action = o.action',
  'merge, deleting': 'merge into audit_events e using audit_events o on e.id = o.id when matched then delete',
  'lock for update': 'select * from audit_events for update',
  'update erasable details': "update audit_erasable_details set details = '{}'",
  'update erasable details by insert': `insert into audit_erasable_details select id, sha256('x'), '{}' from audit_events
    on conflict (event_id) do update set details = excluded.details`,
  'truncate erasable details': 'truncate audit_erasable_details',
  'move the start of the chain': 'update audit_chain set start_position = 1000000',
  'replace the start digest': "update audit_chain set start_digest = '\\x00'",
  'remove the end of the chain': 'delete from audit_chain',
  'add a second end': "insert into audit_chain select 'other', 0, digest, 0, digest from audit_chain",
  'prune everything': 'select audit_prune(0, 1000)',
  'prune after less than 90 days': 'select audit_prune(89, 1000)',
  'prune without a retention period': 'select audit_prune(null, 1000)',
  'prune after a negative number of days': 'select audit_prune(-1, 1000)',
};

describe('database owner that is not a superuser', () => {
  let ownedDatabase: Awaited<ReturnType<typeof createOwnedDatabase>>;
  beforeAll(async () => {
    ownedDatabase = await createOwnedDatabase(db);
    await migrate(ownedDatabase.url);
    await recordEvent(ownedDatabase.connection);
  });
  afterAll(() => ownedDatabase.drop());

  it.each(Object.entries(TAMPERING))('cannot: %s', async (_, statement) => {
    await expect(ownedDatabase.connection.pool.query(statement)).rejects.toThrow(
      /permission denied|at least 90 days/,
    );
  });

  it('cannot insert an unchained entry', async () => {
    const forgedEntry =
      "insert into audit_events (id, at, action) values (gen_random_uuid(), now() - interval '5 years', 'api_key.reset')";
    await expect(ownedDatabase.connection.pool.query(forgedEntry)).rejects.toThrow(
      'audit_events_position_required',
    );
  });

  it('has no excess right until it grants itself one', async () => {
    expect(await readExcessAuditRights(ownedDatabase.url)).toMatchObject({ rights: [] });
    await ownedDatabase.connection.pool.query('grant delete on audit_events to current_user');
    expect((await readExcessAuditRights(ownedDatabase.url)).rights).toMatchObject([
      { description: 'may delete entries' },
    ]);
    await ownedDatabase.connection.pool.query('revoke delete on audit_events from current_user');
  });

  it('can add and read entries', async () => {
    await recordEvent(ownedDatabase.connection);
    const { rows } = await ownedDatabase.connection.pool.query(
      'select count(*)::int as count from audit_events',
    );
    expect(rows[0].count).toBe(2);
  });

  it('can add, read and erase erasable details', () => expectCanErase(ownedDatabase.connection));
});

describe('separate application role', () => {
  let role: TestRole;
  let application: Connection;
  beforeAll(async () => {
    role = await createTestRole(db.url);
    await renewGrants(db.url, role.name, { mayPrune: true });
    application = connectDatabase(role.withCredentials(db.url));
    await recordEvent(application);
  });
  afterAll(async () => {
    await application.close();
    await dropRole(db, role);
  });

  /** Statements that only the owner or a superuser may execute. */
  const OWNER_ONLY = {
    'grant itself privileges': 'grant delete on audit_events to current_user; delete from audit_events',
    'alter the table': 'alter table audit_events disable trigger all',
    'drop the table': 'drop table audit_events',
    'add a rule': 'create rule forget as on insert to audit_events do instead nothing',
    'add a trigger':
      'create trigger forget before insert on audit_events for each row execute function suppress_redundant_updates_trigger()',
    'create a table': 'create table mine (id int)',
    'create a temporary table': 'create temporary table audit_events (id int)',
    'create a schema that comes before public': 'create schema authorization current_user',
    'create a function in public': "create function public.now(int) returns int language sql as 'select 1'",
    'become the owner': 'set role stagedoor',
    'bypass triggers': "set session_replication_role = 'replica'",
  };

  it.each(Object.entries({ ...TAMPERING, ...OWNER_ONLY }))('cannot: %s', async (_, statement) => {
    await expect(application.pool.query(statement)).rejects.toThrow(
      /permission denied|at least 90 days|must be (able|owner)/,
    );
  });

  it('can add, read and erase erasable details', () => expectCanErase(application));

  it('cannot act as the owner through temporary tables with the same names', async () => {
    // `audit_prune` runs as its owner, so it must not find the caller's tables, whose triggers would run as the owner too.
    const database = new URL(db.url).pathname.slice(1);
    await db.pool.query(`grant temporary on database ${database} to ${role.name}`);
    const client = await application.pool.connect();
    try {
      await client.query('create temp table audit_chain as select * from public.audit_chain');
      await client.query('create temp table audit_events as select * from public.audit_events');
      await client.query('create temp table calls (role text)');
      await client.query(`create function pg_temp.spy() returns trigger language plpgsql as $$
        begin insert into pg_temp.calls values (current_user); return null; end $$`);
      await client.query(`create trigger spy before update or delete on pg_temp.audit_events
        for each statement execute function pg_temp.spy()`);
      await client.query(`create trigger spy before update on pg_temp.audit_chain
        for each statement execute function pg_temp.spy()`);
      await client.query('select public.audit_prune(90, 1000)');
      expect((await client.query('select * from pg_temp.calls')).rows).toEqual([]);
    } finally {
      client.release(true);
      await renewGrants(db.url, role.name, { mayPrune: true });
    }
    await expect(application.pool.query('create temporary table later (id int)')).rejects.toThrow(
      'permission denied',
    );
  });

  it('gets access to new tables when grants are renewed, and can record events meanwhile', async () => {
    await db.pool.query('create unlogged table later (id int)');
    await expect(application.pool.query('select * from later')).rejects.toThrow('permission denied');
    let isRenewing = true;
    const renewals = Promise.all(
      Array.from({ length: 4 }, () => renewGrants(db.url, role.name, { mayPrune: true })),
    ).finally(() => {
      isRenewing = false;
    });
    while (isRenewing) await recordEvent(application);
    await renewals;
    expect((await application.pool.query('select * from later')).rows).toEqual([]);
    // The renewals kept the privileges on other tables.
    await application.pool.query('update request_windows set minute = minute');
  });

  it('cannot prune if entries are kept forever', async () => {
    await renewGrants(db.url, role.name, { mayPrune: false });
    await expect(application.pool.query('select audit_prune(90, 1000)')).rejects.toThrow('permission denied');
    await renewGrants(db.url, role.name, { mayPrune: true });
    await application.pool.query('select audit_prune(90, 1000)');
  });

  it('accepts a migrated database, and rejects an outdated one', async () => {
    await migrate(role.withCredentials(db.url));
    await db.pool.query('update drizzle.__drizzle_migrations set created_at = created_at - 1');
    await expect(migrate(role.withCredentials(db.url))).rejects.toThrow('DATABASE_OWNER_URL');
    await db.pool.query('update drizzle.__drizzle_migrations set created_at = created_at + 1');
  });
});

it('renewGrants warns of temporary tables if the owner of the tables does not own the database', async () => {
  const owned = await createOwnedDatabase(db);
  const role = await createTestRole(db.url);
  await migrate(owned.url);
  expect(await renewGrants(owned.url, role.name, { mayPrune: false })).toBeUndefined();
  const database = new URL(owned.url).pathname.slice(1);
  await db.pool.query(`alter database ${database} owner to stagedoor`);
  await db.pool.query(`grant create on database ${database} to ${new URL(owned.url).username}`);
  await db.pool.query(`grant temporary on database ${database} to public`);
  const warning = await renewGrants(owned.url, role.name, { mayPrune: false });
  expect(warning).toContain(`the database user ${role.name} of DATABASE_URL may create temporary tables`);
  expect(warning).toContain(
    `revoke create, temporary on database "${database}" from public, "${role.name}";`,
  );
  const admin = new pg.Client({
    connectionString: Object.assign(new URL(db.url), { pathname: `/${database}` }).href,
  });
  await admin.connect();
  await admin.query(`drop owned by ${role.name}`);
  await admin.end();
  await db.pool.query(`drop role ${role.name}`);
  await owned.drop();
});

it('renewGrants rejects a role that may act as the owner', async () => {
  const role = await createTestRole(db.url);
  await db.pool.query(`grant stagedoor to ${role.name}`);
  await expect(renewGrants(db.url, role.name, { mayPrune: false })).rejects.toThrow('may act as the owner');
  await dropRole(db, role);
});
