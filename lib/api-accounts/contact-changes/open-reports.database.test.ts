import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { changeAccount, readLatestChange } from '#lib/testing/contact-changes.ts';
import { resolveReport } from './open-reports.ts';
import { reportChange } from './report.ts';

const NOT_FOUND = { ok: false, reason: 'not_found' };

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** Creates an account whose phone number was changed the given number of times. */
async function createChangedAccount(times: number) {
  let account = await createTestAccount(db.database, administrator);
  const changes = [];
  for (let round = 1; round <= times; round += 1) {
    const edit = { phone: `+44789412340${round}` };
    account = (await changeAccount(db.database, administrator, account, edit)).account;
    changes.push(await readLatestChange(db.database, account.id));
  }
  return { account, changes };
}
const readOpenReportIds = async (accountId: string) =>
  (await readSummary(db.database, accountId))?.openReports.map(({ id }) => id);
const readResolvedEvents = async (accountId: string) => {
  const rows = await db.database.select().from(auditEvents).where(eq(auditEvents.accountId, accountId));
  return rows.filter(({ action }) => action === 'address_change.settled');
};

describe('openReports', () => {
  it('names an administrator without a name by their email address', async () => {
    const nameless = await createTestAdministrator(db.database, '');
    const account = await createTestAccount(db.database, administrator);
    await changeAccount(db.database, nameless, account, { phone: '+447894123409' });
    await reportChange(db.database, (await readLatestChange(db.database, account.id)).token);
    const summary = await readSummary(db.database, account.id);
    expect(summary?.openReports).toMatchObject([{ changedBy: nameless.email }]);
  });
});

describe('resolveReport', () => {
  it('resolves one report, records an audit event, and leaves another report open', async () => {
    const { account, changes } = await createChangedAccount(2);
    for (const { token } of changes) await reportChange(db.database, token);
    const [first, second] = changes.map(({ id }) => id);
    expect(await readOpenReportIds(account.id)).toEqual([first, second]);
    expect(await resolveReport(db.database, administrator, { id: first ?? '' })).toEqual({ ok: true });
    expect(await readOpenReportIds(account.id)).toEqual([second]);
    const [event, ...otherEvents] = await readResolvedEvents(account.id);
    expect(event).toMatchObject({ userId: administrator.userId, details: { changeId: first } });
    expect(otherEvents).toEqual([]);
  });

  it('requires recent authentication', async () => {
    const { account, changes } = await createChangedAccount(1);
    const { id = '', token = '' } = changes[0] ?? {};
    await reportChange(db.database, token);
    const stale = { ...administrator, hasRecentAuth: false };
    expect(await resolveReport(db.database, stale, { id })).toEqual({
      ok: false,
      reason: 'reauthentication_required',
    });
    expect(await readOpenReportIds(account.id)).toEqual([id]);
    expect(await readResolvedEvents(account.id)).toEqual([]);
  });

  it('resolves a report once for 20 concurrent calls', async () => {
    const { account, changes } = await createChangedAccount(1);
    const [change] = changes;
    await reportChange(db.database, change?.token ?? '');
    const resolve = () => resolveReport(db.database, administrator, { id: change?.id ?? '' });
    const results = await Promise.all(Array.from({ length: 20 }, resolve));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.filter(({ ok }) => !ok)).toEqual(Array.from({ length: 19 }, () => NOT_FOUND));
    expect(await readResolvedEvents(account.id)).toHaveLength(1);
  });

  it('returns not_found for a change that was not reported', async () => {
    const { changes } = await createChangedAccount(1);
    const id = changes[0]?.id ?? '';
    expect(await resolveReport(db.database, administrator, { id })).toEqual(NOT_FOUND);
  });

  it('does not reopen a resolved report that is sent again', async () => {
    const { account, changes } = await createChangedAccount(1);
    const [change] = changes;
    await reportChange(db.database, change?.token ?? '');
    await resolveReport(db.database, administrator, { id: change?.id ?? '' });
    expect(await reportChange(db.database, change?.token ?? '')).toEqual({ ok: true });
    expect(await readOpenReportIds(account.id)).toEqual([]);
  });

  it('makes room for the next report if there are more than five', async () => {
    const { account, changes } = await createChangedAccount(7);
    for (const { token } of changes) await reportChange(db.database, token);
    const ids = changes.map(({ id }) => id);
    expect(await readOpenReportIds(account.id)).toEqual(ids.slice(0, 5));
    await resolveReport(db.database, administrator, { id: ids[0] ?? '' });
    expect(await readOpenReportIds(account.id)).toEqual(ids.slice(1, 6));
  });
});
