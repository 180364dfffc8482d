import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExcessAuditRights } from '#db/audit-rights.ts';
import { renewGrants } from '#db/renew-grants.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createTestRole, dropRole } from '#lib/testing/database-roles.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe('renewGrants', () => {
  const group = `group_${randomBytes(6).toString('hex')}`;
  beforeAll(() => db.pool.query(`create role ${group}`));
  afterAll(() => db.pool.query(`drop role ${group}`));

  it.each([
    ['membership in pg_write_all_data', 'grant pg_write_all_data to ROLE', '', 'pg_write_all_data'],
    [
      'a privilege of PUBLIC',
      'grant delete on audit_events to public',
      'revoke delete on audit_events from public',
      'may delete entries',
    ],
    [
      'a privilege of PUBLIC on one column',
      'grant update (details) on audit_events to public',
      'revoke update (details) on audit_events from public',
      'may change entries',
    ],
    [
      'a privilege of PUBLIC on erasable details',
      'grant update (details) on audit_erasable_details to public',
      'revoke update (details) on audit_erasable_details from public',
      'may change erasable details',
    ],
    [
      'a privilege of a group that it can switch to',
      'grant update (start_position) on audit_chain to GROUP; alter role ROLE noinherit; grant GROUP to ROLE',
      'revoke update (start_position) on audit_chain from GROUP',
      'move the beginning of the chain (by the role group_',
    ],
    [
      'the retention function although entries are kept forever',
      'grant execute on function audit_prune to public',
      'revoke execute on function audit_prune from public',
      'may delete old entries',
    ],
    [
      'permission to run programs on the server',
      'grant pg_execute_server_program to ROLE',
      '',
      'is a superuser',
    ],
    ['superuser status', 'alter role ROLE superuser', '', 'neither a superuser'],
  ])('rejects a role that has %s', async (_, grant, revoke, message) => {
    const role = await createTestRole(db.url);
    const replaceNames = (text: string) => text.replaceAll('ROLE', role.name).replaceAll('GROUP', group);
    await db.pool.query(replaceNames(grant));
    try {
      await expect(renewGrants(db.url, role.name, { mayPrune: false })).rejects.toThrow(message);
      const { rows } = await db.pool.query(
        "select has_table_privilege($1, 'audit_events', 'insert') as allowed",
        [role.name],
      );
      // The grants were rolled back. A superuser and a member of `pg_write_all_data` may insert without a grant.
      if (!message.includes('superuser') && !grant.includes('pg_')) expect(rows[0].allowed).toBe(false);
    } finally {
      if (revoke) await db.pool.query(replaceNames(revoke));
      await dropRole(db, role);
    }
  });
});

it('readExcessAuditRights reports a superuser', async () => {
  const { role, rights } = await readExcessAuditRights(db.url);
  expect(rights).toEqual([{ description: 'is a superuser', grantee: role }]);
});
