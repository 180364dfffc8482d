import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExcessAuditRights } from '#db/audit-rights.ts';
import { renewGrants } from '#db/renew-grants.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { dropRole, testRole } from '#lib/testing/roles.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

describe('grants nothing to somebody who could do more all the same:', () => {
  const group = `group_${randomBytes(6).toString('hex')}`;
  beforeAll(() => test.pool.query(`create role ${group}`));
  afterAll(() => test.pool.query(`drop role ${group}`));

  it.each([
    ['a member of pg_write_all_data', 'grant pg_write_all_data to ROLE', '', 'pg_write_all_data'],
    [
      'a right of PUBLIC',
      'grant delete on audit_events to public',
      'revoke delete on audit_events from public',
      'may delete entries',
    ],
    [
      'a right of PUBLIC on one column',
      'grant update (details) on audit_events to public',
      'revoke update (details) on audit_events from public',
      'may change entries',
    ],
    [
      'a right of a group that it has to become first',
      'grant update (start_position) on audit_chain to GROUP; alter role ROLE noinherit; grant GROUP to ROLE',
      'revoke update (start_position) on audit_chain from GROUP',
      'move the beginning of the chain (by the role group_',
    ],
    [
      'the function of the retention, though entries are kept for ever',
      'grant execute on function audit_prune to public',
      'revoke execute on function audit_prune from public',
      'may throw old entries away',
    ],
    ['somebody who may run programs', 'grant pg_execute_server_program to ROLE', '', 'is a superuser'],
    ['a superuser', 'alter role ROLE superuser', '', 'no superuser'],
  ])('%s', async (_, give, take, words) => {
    const role = await testRole(test.url);
    const named = (text: string) => text.replaceAll('ROLE', role.name).replaceAll('GROUP', group);
    await test.pool.query(named(give));
    try {
      await expect(renewGrants(test.url, role.name, { mayPrune: false })).rejects.toThrow(words);
      const { rows } = await test.pool.query(
        "select has_table_privilege($1, 'audit_events', 'insert') as may",
        [role.name],
      );
      if (!words.includes('superuser') && !give.includes('pg_')) expect(rows[0].may).toBe(false);
    } finally {
      if (take) await test.pool.query(named(take));
      await dropRole(test, role);
    }
  });
});

it('tells who is a superuser', async () => {
  const { role, rights } = await readExcessAuditRights(test.url);
  expect(rights).toEqual([{ what: 'is a superuser', by: role }]);
});
