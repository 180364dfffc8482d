import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { presentReveal, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { createApiAccount } from './create.ts';
import { resetApiKey } from './reset-key.ts';
import type { AccountSummary } from './schema.ts';
import { updateApiAccount } from './update.ts';

let db: TestDatabase;
let administrator: Administrator;
/** The same person, whose last proof is 15 minutes old. */
let stale: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await testAdministrator(db.database);
  stale = { ...administrator, hasRecentAuth: false };
});
afterAll(() => db.drop());

const NEEDED = { ok: false, reason: 'reauthentication_required' };
const edit = ({ id, email, phone, active }: AccountSummary, by: Administrator, change: object) =>
  updateApiAccount(db.database, by, { id, email, phone, active, version: 1, ...change });
const everything = async () => {
  const { rows } = await db.pool.query(
    `select a::text as row from api_accounts a union all select r::text from reveals r
     union all select m::text from messages m union all select e::text from audit_events e order by 1`,
  );
  return rows;
};

test('creating takes a fresh proof', async () => {
  const before = await everything();
  const input = { username: 'Globe Theatre', email: 'it@example.com', phone: '+447894123456' };
  expect(await createApiAccount(db.database, stale, input)).toEqual(NEEDED);
  expect(await everything()).toEqual(before);
  expect(await createApiAccount(db.database, administrator, input)).toMatchObject({ ok: true });
});

test('resetting takes a fresh proof', async () => {
  const account = await testAccount(db.database, administrator);
  const [before, reveal] = [await everything(), await presentReveal(db.database, account.id)];
  expect(await resetApiKey(db.database, stale, { id: account.id })).toEqual(NEEDED);
  expect(await everything()).toEqual(before);
  expect(await resetApiKey(db.database, administrator, { id: account.id })).toMatchObject({ ok: true });
  expect((await presentReveal(db.database, account.id)).id).not.toBe(reveal.id);
});

test('ticking the box again takes a fresh proof, unticking it and a limit do not', async () => {
  const account = await testAccount(db.database, administrator);
  expect(await edit(account, stale, { active: false, requestsPerMinute: 7 })).toMatchObject({ ok: true });
  const before = await everything();
  expect(await edit(account, stale, { active: true, version: 2 })).toEqual(NEEDED);
  expect(await everything()).toEqual(before);
  expect(await edit(account, administrator, { active: true, version: 2 })).toMatchObject({ ok: true });
});

test.each([{ email: 'new@example.com' }, { phone: '+447400123456' }])(
  'changing who gets the link and the code takes a fresh proof: %o',
  async (change) => {
    const account = await testAccount(db.database, administrator);
    const before = await everything();
    expect(await edit(account, stale, change)).toEqual(NEEDED);
    expect(await everything()).toEqual(before);
    expect(await edit(account, administrator, change)).toMatchObject({ ok: true, revealRestarted: true });
  },
);
