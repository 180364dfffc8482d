import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { recomputeDigests } from '#lib/testing/audit-log.ts';
import { changeAccount } from '#lib/testing/contact-changes.ts';
import { pruneAuditLog } from './prune.ts';
import { verifyAuditLog } from './verify.ts';

const TABLES = ['audit_events', 'audit_chain', 'audit_erasable_details', 'deleted_api_accounts'];

let db: TestDatabase;
let administrator: Administrator;

/** Creates an account and changes its email address: entries 1 and 3 of an empty log have contact details. */
async function createEditedAccount(): Promise<AccountSummary> {
  const account = await createTestAccount(db.database, administrator);
  return (await changeAccount(db.database, administrator, account, { email: 'new@example.com' })).account;
}

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await createEditedAccount();
  for (const table of TABLES) await db.pool.query(`create table original_${table} as table ${table}`);
});
afterEach(async () => {
  await db.pool.query(`truncate ${TABLES.join()}`);
  for (const table of TABLES) await db.pool.query(`insert into ${table} table original_${table}`);
});
afterAll(() => db.drop());

const tamper = (statement: string) => db.pool.query(statement);
const verify = () => verifyAuditLog(db.database);
const remove = (account: AccountSummary) => deleteApiAccount(db.database, administrator, account);
const countRows = async () => (await db.pool.query('select from audit_erasable_details')).rowCount;
const ROW_OF_3 = '(select id from audit_events where position = 3)';

describe('verifyAuditLog', () => {
  it('accepts contact details that match, and those that were erased with their account', async () => {
    const account = await createEditedAccount();
    expect(await verify()).toMatchObject({ erased: 0, violation: null });
    expect(await countRows()).toBe(4);
    await remove(account);
    expect(await verify()).toMatchObject({ erased: 2, violation: null });
    expect(await countRows()).toBe(2);
  });

  it.each([
    [
      'a changed value',
      `update audit_erasable_details set details = jsonb_set(details, '{after,email}', '"x@example.com"')
        where event_id = ${ROW_OF_3}`,
      3,
      /contact details of entry 3 don't match/,
    ],
    [
      'an additional value',
      `update audit_erasable_details set details = details || '{"x": null}' where event_id = ${ROW_OF_3}`,
      3,
      /contact details of entry 3 don't match/,
    ],
    [
      'another salt',
      `update audit_erasable_details set salt = sha256('x') where event_id = ${ROW_OF_3}`,
      3,
      /contact details of entry 3 don't match/,
    ],
    [
      'an empty salt',
      `update audit_erasable_details set salt = '' where event_id = ${ROW_OF_3}`,
      3,
      /contact details of entry 3 don't match/,
    ],
    [
      'the contact details of another entry',
      `update audit_erasable_details e set salt = o.salt, details = o.details from audit_erasable_details o
        where e.event_id = ${ROW_OF_3} and o.event_id <> ${ROW_OF_3}`,
      3,
      /contact details of entry 3 don't match/,
    ],
    [
      'contact details of an entry that had none',
      "insert into audit_erasable_details select id, sha256('x'), '{}' from audit_events where position = 2",
      2,
      /contact details of entry 2 don't match/,
    ],
    [
      'missing contact details',
      `delete from audit_erasable_details where event_id = ${ROW_OF_3}`,
      3,
      /contact details of entry 3 are missing, but its account wasn't deleted/,
    ],
    [
      'contact details without an entry',
      `insert into audit_erasable_details values ('${randomUUID()}', sha256('x'), '{}')`,
      1,
      /1 row of contact details belong/,
    ],
    [
      'another digest in the entry',
      `update audit_events set details = jsonb_set(details, '{erasableDigest}', '"00"') where position = 3`,
      3,
      /Entry 3 doesn't match its digest/,
    ],
  ])('detects %s', async (_, statement, position, message) => {
    await tamper(statement);
    const { violation } = await verify();
    expect(violation).toEqual({ position, message: expect.stringMatching(message) });
  });

  it('detects missing contact details if the account was deleted without an entry', async () => {
    const account = await createTestAccount(db.database, administrator);
    // The last entry is the start of its key delivery, after its creation.
    const { last } = await verify();
    await tamper(
      `delete from audit_erasable_details where event_id in (select id from audit_events where account_id = '${account.id}');
       insert into deleted_api_accounts (id, username, username_folded, created_at, deleted_by)
         select id, username, username_folded, created_at, id from api_accounts where id = '${account.id}';
       delete from api_accounts where id = '${account.id}'`,
    );
    expect((await verify()).violation).toMatchObject({ position: last.position - 1 });
  });

  it('detects erased contact details if the account still exists', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { last } = await verify();
    await remove(account);
    await tamper(
      `insert into api_accounts (id, username, username_folded, email, phone)
        values ('${account.id}', 'a', 'a', 'it@example.com', '+447894123456')`,
    );
    expect((await verify()).violation).toMatchObject({ position: last.position - 1 });
  });
});

describe('pruneAuditLog', () => {
  it('deletes contact details with their entries, and leaves the others', async () => {
    await tamper("update audit_events set at = at - interval '100 days' where position <= 2");
    await recomputeDigests(db, 1);
    expect(await pruneAuditLog(db.database, 90)).toBe(2);
    expect(await countRows()).toBe(1);
    expect(await verify()).toMatchObject({ pruned: 2, violation: null });
  });
});
