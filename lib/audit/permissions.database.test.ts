import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExcessAuditRights } from '#db/audit-rights.ts';
import { type Connection, connectDatabase } from '#db/client.ts';
import { migrate } from '#db/migrate.ts';
import { renewGrants } from '#db/renew-grants.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { dropRole, ownedDatabase, type TestRole, testRole } from '#lib/testing/roles.ts';
import { recordAuditEvent } from './record.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const record = ({ database }: Pick<Connection, 'database'>) =>
  withTransaction(database, async (transaction) =>
    recordAuditEvent(transaction, 'sign_out', { userId: null }),
  );

/** What would change or remove an entry, or move where the chain begins, without changing who may do what. */
const TAMPERING = {
  update: "update audit_events set details = '{}'",
  'update nothing': 'update audit_events set act = act where false',
  delete: 'delete from audit_events',
  truncate: 'truncate audit_events',
  'truncate by way of another': 'truncate audit_chain, audit_events',
  'update by insert': `insert into audit_events (id, act) select id, 'sign_out' from audit_events
    on conflict (id) do update set act = excluded.act`,
  'update in a common table expression': `with changed as (update audit_events set address = null returning 1)
    select * from changed`,
  'merge, updating':
    'merge into audit_events e using audit_events o on e.id = o.id when matched then update set act = o.act',
  'merge, deleting': 'merge into audit_events e using audit_events o on e.id = o.id when matched then delete',
  'lock for update': 'select * from audit_events for update',
  'move the beginning': 'update audit_chain set start_position = 1000000',
  'another beginning': "update audit_chain set start_digest = '\\x00'",
  'remove the end': 'delete from audit_chain',
  'another end': "insert into audit_chain select 'other', 0, digest, 0, digest from audit_chain",
  'keep nothing': 'select audit_prune(0, 1000)',
  'keep for less than 90 days': 'select audit_prune(89, 1000)',
  'keep for no time': 'select audit_prune(null, 1000)',
  'keep for a negative time': 'select audit_prune(-1, 1000)',
};

describe('an ordinary user who owns the database', () => {
  let own: Awaited<ReturnType<typeof ownedDatabase>>;
  beforeAll(async () => {
    own = await ownedDatabase(test);
    await migrate(own.url);
    await record(own.connection);
  });
  afterAll(() => own.drop());

  it.each(Object.entries(TAMPERING))('is refused: %s', async (_, statement) => {
    await expect(own.connection.pool.query(statement)).rejects.toThrow(/permission denied|at least 90 days/);
  });

  it('is refused: an entry without a place, which would pass for one from before there was a chain', async () => {
    const forged =
      "insert into audit_events (id, at, act) values (gen_random_uuid(), now() - interval '5 years', 'api_key.reset')";
    await expect(own.connection.pool.query(forged)).rejects.toThrow('audit_events_placed');
  });

  it('is told of nothing that it may do beyond that, until it gives a right back to itself', async () => {
    expect(await readExcessAuditRights(own.url)).toMatchObject({ rights: [] });
    await own.connection.pool.query('grant delete on audit_events to current_user');
    expect((await readExcessAuditRights(own.url)).rights).toMatchObject([{ what: 'may delete entries' }]);
    await own.connection.pool.query('revoke delete on audit_events from current_user');
  });

  it('still writes and reads', async () => {
    await record(own.connection);
    const { rows } = await own.connection.pool.query('select count(*)::int as count from audit_events');
    expect(rows[0].count).toBe(2);
  });
});

describe('a role of the programs’ own', () => {
  let role: TestRole;
  let app: Connection;
  beforeAll(async () => {
    role = await testRole(test.url);
    await renewGrants(test.url, role.name, { mayPrune: true });
    app = connectDatabase(role.as(test.url));
    await record(app);
  });
  afterAll(async () => {
    await app.close();
    await dropRole(test, role);
  });

  /** What takes the owner's word. */
  const MORE = {
    'grant to itself': 'grant delete on audit_events to current_user; delete from audit_events',
    'alter the table': 'alter table audit_events disable trigger all',
    'drop the table': 'drop table audit_events',
    'add a rule': 'create rule forget as on insert to audit_events do instead nothing',
    'add a trigger':
      'create trigger forget before insert on audit_events for each row execute function suppress_redundant_updates_trigger()',
    'make a table': 'create table mine (id int)',
    'become the owner': 'set role stagedoor',
    'pass over triggers': "set session_replication_role = 'replica'",
  };

  it.each(Object.entries({ ...TAMPERING, ...MORE }))('is refused: %s', async (_, statement) => {
    await expect(app.pool.query(statement)).rejects.toThrow(
      /permission denied|at least 90 days|must be (able|owner)/,
    );
  });

  it('does not become the owner by tables of its own with the names of ours', async () => {
    const client = await app.pool.connect();
    try {
      await client.query('create temp table audit_chain as select * from public.audit_chain');
      await client.query('create temp table audit_events as select * from public.audit_events');
      await client.query('create temp table seen (who text)');
      await client.query(`create function pg_temp.spy() returns trigger language plpgsql as $$
        begin insert into pg_temp.seen values (current_user); return null; end $$`);
      await client.query(`create trigger spy before update or delete on pg_temp.audit_events
        for each statement execute function pg_temp.spy()`);
      await client.query(`create trigger spy before update on pg_temp.audit_chain
        for each statement execute function pg_temp.spy()`);
      await client.query('select public.audit_prune(90, 1000)');
      expect((await client.query('select * from pg_temp.seen')).rows).toEqual([]);
    } finally {
      client.release(true);
    }
  });

  it('has what an administrator made later only after the next start, and is never without the rest', async () => {
    await test.pool.query('create unlogged table later (id int)');
    await expect(app.pool.query('select * from later')).rejects.toThrow('permission denied');
    let renewing = true;
    const renewals = Promise.all(
      Array.from({ length: 4 }, () => renewGrants(test.url, role.name, { mayPrune: true })),
    ).finally(() => {
      renewing = false;
    });
    while (renewing) await record(app);
    await renewals;
    expect((await app.pool.query('select * from later')).rows).toEqual([]);
    await app.pool.query('update request_windows set minute = minute');
  });

  it('may throw nothing away where entries are kept for ever', async () => {
    await renewGrants(test.url, role.name, { mayPrune: false });
    await expect(app.pool.query('select audit_prune(90, 1000)')).rejects.toThrow('permission denied');
    await renewGrants(test.url, role.name, { mayPrune: true });
    await app.pool.query('select audit_prune(90, 1000)');
  });

  it('finds the database migrated, and says where it is not', async () => {
    await migrate(role.as(test.url));
    await test.pool.query('update drizzle.__drizzle_migrations set created_at = created_at - 1');
    await expect(migrate(role.as(test.url))).rejects.toThrow('DATABASE_OWNER_URL');
    await test.pool.query('update drizzle.__drizzle_migrations set created_at = created_at + 1');
  });
});

it('grants nothing to somebody who may act as the owner', async () => {
  const role = await testRole(test.url);
  await test.pool.query(`grant stagedoor to ${role.name}`);
  await expect(renewGrants(test.url, role.name, { mayPrune: false })).rejects.toThrow('may act as the owner');
  await dropRole(test, role);
});
