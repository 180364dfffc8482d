import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, readCurrentReveal } from '#lib/testing/accounts.ts';
import { createApiAccount } from './create.ts';
import { resetApiKey } from './reset-key.ts';
import type { AccountSummary } from './schema.ts';
import { updateApiAccount } from './update.ts';

let db: TestDatabase;
let administrator: Administrator;
/** The same administrator, without recent authentication. */
let staleAdministrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  staleAdministrator = { ...administrator, hasRecentAuth: false };
});
afterAll(() => db.drop());

const REAUTHENTICATION_REQUIRED = { ok: false, reason: 'reauthentication_required' };
const edit = ({ id, email, phone, active }: AccountSummary, by: Administrator, change: object) =>
  updateApiAccount(db.database, by, { id, email, phone, active, version: 1, ...change });
const readAllRows = async () => {
  const { rows } = await db.pool.query(
    `select a::text as row from api_accounts a union all select r::text from reveals r
     union all select m::text from messages m union all select e::text from audit_events e order by 1`,
  );
  return rows;
};

test('creating an account requires recent authentication', async () => {
  const before = await readAllRows();
  const input = { username: 'Globe Theatre', email: 'it@example.com', phone: '+447894123456' };
  expect(await createApiAccount(db.database, staleAdministrator, input)).toEqual(REAUTHENTICATION_REQUIRED);
  expect(await readAllRows()).toEqual(before);
  expect(await createApiAccount(db.database, administrator, input)).toMatchObject({ ok: true });
});

test('resetting a key requires recent authentication', async () => {
  const account = await createTestAccount(db.database, administrator);
  const [before, reveal] = [await readAllRows(), await readCurrentReveal(db.database, account.id)];
  expect(await resetApiKey(db.database, staleAdministrator, { id: account.id })).toEqual(
    REAUTHENTICATION_REQUIRED,
  );
  expect(await readAllRows()).toEqual(before);
  expect(await resetApiKey(db.database, administrator, { id: account.id })).toMatchObject({ ok: true });
  expect((await readCurrentReveal(db.database, account.id)).id).not.toBe(reveal.id);
});

test.each([
  [10, 11],
  [10, null],
])(
  'raising a limit from %s to %s requires recent authentication; lowering it does not',
  async (low, high) => {
    const account = await createTestAccount(db.database, administrator);
    await edit(account, administrator, { requestsPerMinute: high });
    const version = high === null ? 1 : 2;
    const lower = { requestsPerMinute: low, version };
    expect(await edit(account, staleAdministrator, lower)).toMatchObject({ ok: true });
    const before = await readAllRows();
    const raise = { requestsPerMinute: high, version: version + 1 };
    expect(await edit(account, staleAdministrator, raise)).toEqual(REAUTHENTICATION_REQUIRED);
    expect(await readAllRows()).toEqual(before);
    expect(await edit(account, administrator, raise)).toMatchObject({ ok: true });
  },
);

test('reactivating requires recent authentication; deactivating and setting a limit do not', async () => {
  const account = await createTestAccount(db.database, administrator);
  expect(await edit(account, staleAdministrator, { active: false, requestsPerMinute: 7 })).toMatchObject({
    ok: true,
  });
  const before = await readAllRows();
  expect(await edit(account, staleAdministrator, { active: true, version: 2 })).toEqual(
    REAUTHENTICATION_REQUIRED,
  );
  expect(await readAllRows()).toEqual(before);
  expect(await edit(account, administrator, { active: true, version: 2 })).toMatchObject({ ok: true });
});

test.each([{ email: 'new@example.com' }, { phone: '+447400123456' }])(
  'changing a recipient of the link or the code requires recent authentication: %o',
  async (change) => {
    const account = await createTestAccount(db.database, administrator);
    const before = await readAllRows();
    expect(await edit(account, staleAdministrator, change)).toEqual(REAUTHENTICATION_REQUIRED);
    expect(await readAllRows()).toEqual(before);
    expect(await edit(account, administrator, change)).toMatchObject({ ok: true, wasRevealRestarted: true });
  },
);
