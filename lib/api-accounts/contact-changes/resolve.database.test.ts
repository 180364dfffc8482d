import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { changeAccount, latestChange } from '#lib/testing/address-changes.ts';
import { reportChange } from './report.ts';
import { resolveReport } from './resolve.ts';

const MISSING = { ok: false, reason: 'missing' };

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
});
afterAll(() => test.drop());

/** An account whose phone number was changed so many times. */
async function changed(times: number) {
  let account = await testAccount(test.database, administrator);
  const changes = [];
  for (let turn = 1; turn <= times; turn += 1) {
    const edit = { phone: `+44789412340${turn}` };
    account = (await changeAccount(test.database, administrator, account, edit)).account;
    changes.push(await latestChange(test.database, account.id));
  }
  return { account, changes };
}
const shownOn = async (accountId: string) =>
  (await readSummary(test.database, accountId))?.openReports.map(({ id }) => id);
const settledActs = async (accountId: string) => {
  const rows = await test.database.select().from(auditEvents).where(eq(auditEvents.accountId, accountId));
  return rows.filter(({ act }) => act === 'address_change.settled');
};

it('takes the notice of one objection away, on record; another stays', async () => {
  const { account, changes } = await changed(2);
  for (const { token } of changes) await reportChange(test.database, token);
  const [first, second] = changes.map(({ id }) => id);
  expect(await shownOn(account.id)).toEqual([first, second]);
  expect(await resolveReport(test.database, administrator, { id: first ?? '' })).toEqual({ ok: true });
  expect(await shownOn(account.id)).toEqual([second]);
  const [act, ...more] = await settledActs(account.id);
  expect(act).toMatchObject({ userId: administrator.userId, details: { changeId: first } });
  expect(more).toEqual([]);
});

it('is done once, by one of twenty at once', async () => {
  const { account, changes } = await changed(1);
  const [change] = changes;
  await reportChange(test.database, change?.token ?? '');
  const settle = () => resolveReport(test.database, administrator, { id: change?.id ?? '' });
  const results = await Promise.all(Array.from({ length: 20 }, settle));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results.filter(({ ok }) => !ok)).toEqual(Array.from({ length: 19 }, () => MISSING));
  expect(await settledActs(account.id)).toHaveLength(1);
});

it('does nothing where nobody has objected, and cannot be undone by objecting again', async () => {
  const { account, changes } = await changed(1);
  const [change] = changes;
  const settle = () => resolveReport(test.database, administrator, { id: change?.id ?? '' });
  expect(await settle()).toEqual(MISSING);
  await reportChange(test.database, change?.token ?? '');
  await settle();
  expect(await reportChange(test.database, change?.token ?? '')).toEqual({ ok: true });
  expect(await shownOn(account.id)).toEqual([]);
});

it('brings up the next where more wait than are shown at once', async () => {
  const { account, changes } = await changed(7);
  for (const { token } of changes) await reportChange(test.database, token);
  const ids = changes.map(({ id }) => id);
  expect(await shownOn(account.id)).toEqual(ids.slice(0, 5));
  await resolveReport(test.database, administrator, { id: ids[0] ?? '' });
  expect(await shownOn(account.id)).toEqual(ids.slice(1, 6));
});
