import { and, eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#db/client.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { messages } from '#db/schema/messages.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { currentReveal, revealKey, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { changeAccount, latestChange, letChangesAge } from '#lib/testing/contact-changes.ts';
import { openContactChange, reportChange } from './report.ts';

const ENDED = { ok: false, reason: 'ended' };

let db: TestDatabase;
let database: Database;
let administrator: Administrator;
let account: AccountSummary;
const tests: TestDatabase[] = [];

// Each test has its own database, because some tests depend on its set of administrators.
beforeEach(async () => {
  db = await createTestDatabase();
  tests.push(db);
  database = db.database;
  administrator = await testAdministrator(database);
  account = await testAccount(database, administrator, { email: 'old@example.com' });
  await revealKey(database, account.id);
  const edit = { email: 'new@example.com', phone: '+447400123456' };
  account = (await changeAccount(database, administrator, account, edit)).account;
});
afterAll(() => Promise.all(tests.map((each) => each.drop())));

const reportMessages = (changeId: string) =>
  database
    .select({ userId: messages.userId, channel: messages.channel })
    .from(messages)
    .where(and(eq(messages.changeId, changeId), eq(messages.kind, 'change_report')));
const auditEventsOfChange = async () => {
  const rows = await database.select().from(auditEvents).where(eq(auditEvents.accountId, account.id));
  return rows.map(({ action }) => action).filter((action) => action.startsWith('address_change.'));
};

async function insertUser(role: 'settings_administrator' | 'settings_viewer' | null, active: boolean) {
  const id = uuidv7();
  const email = `${id}@example.com`;
  const values = { id, email, emailFolded: email, name: 'Somebody', passwordHash: 'none', role, active };
  await database.insert(users).values(values);
  return id;
}

describe('openContactChange', () => {
  it('returns what was changed and when, without the values, and has no side effects', async () => {
    const { at, token } = await latestChange(database, account.id);
    for (let round = 0; round < 3; round += 1) {
      expect(await openContactChange(database, token)).toEqual({
        ok: true,
        change: {
          username: account.username,
          changedEmail: true,
          changedPhone: true,
          changedAt: at.toISOString(),
          isReported: false,
        },
      });
    }
    expect(await latestChange(database, account.id)).toMatchObject({ reportedAt: null });
    expect(await auditEventsOfChange()).toEqual([]);
  });
});

describe('reportChange', () => {
  it('notifies every active administrator once for 50 concurrent reports, and changes nothing else', async () => {
    const second = await testAdministrator(database, 'Otto Second');
    await insertUser('settings_administrator', false);
    await insertUser('settings_viewer', true);
    await insertUser(null, true);
    const before = await currentReveal(database, account.id);
    const { id, token } = await latestChange(database, account.id);
    const results = await Promise.all(Array.from({ length: 50 }, () => reportChange(database, token)));
    expect(results).toEqual(Array.from({ length: 50 }, () => ({ ok: true })));
    const queued = await reportMessages(id);
    expect(queued.map(({ userId }) => userId).toSorted()).toEqual(
      [administrator.userId, second.userId].toSorted(),
    );
    expect(queued.every(({ channel }) => channel === 'email')).toBe(true);
    expect(await auditEventsOfChange()).toEqual(['address_change.objected']);
    expect(await openContactChange(database, token)).toMatchObject({ change: { isReported: true } });
    const after = await readSummary(database, account.id);
    expect(after).toEqual({ ...account, openReports: [expect.objectContaining({ id })] });
    expect(await currentReveal(database, account.id)).toEqual(before);
  });

  it('shows the report on the account, with the change, its time and its author', async () => {
    const { id, at, token } = await latestChange(database, account.id);
    await reportChange(database, token);
    const { reportedAt } = await latestChange(database, account.id);
    expect((await readSummary(database, account.id))?.openReports).toEqual([
      {
        id,
        reportedAt,
        changedAt: at,
        changedBy: 'Ada Minister',
        email: { before: 'old@example.com', after: 'new@example.com' },
        phone: { before: '+447894123456', after: '+447400123456' },
      },
    ]);
  });

  it("accepts a report for seven days, by the database's clock", async () => {
    const { token } = await latestChange(database, account.id);
    await letChangesAge(database, account.id, '6 days 23 hours 59 minutes');
    expect(await openContactChange(database, token)).toMatchObject({ ok: true });
    await letChangesAge(database, account.id, '2 minutes');
    expect(await openContactChange(database, token)).toEqual(ENDED);
    expect(await reportChange(database, token)).toEqual(ENDED);
    expect(await latestChange(database, account.id)).toMatchObject({ reportedAt: null });
    expect(await auditEventsOfChange()).toEqual([]);
  });

  it('returns the same result for forged, foreign, unknown and expired tokens, even after a report', async () => {
    const { token } = await latestChange(database, account.id);
    const reveal = await currentReveal(database, account.id);
    const last = token.endsWith('A') ? 'B' : 'A';
    for (const forged of [
      '',
      'x',
      `${token}x`,
      token.slice(0, -1) + last,
      reveal.token,
      token.toUpperCase(),
    ]) {
      expect(await openContactChange(database, forged)).toEqual(ENDED);
      expect(await reportChange(database, forged)).toEqual(ENDED);
    }
    expect(await auditEventsOfChange()).toEqual([]);
    await reportChange(database, token);
    await letChangesAge(database, account.id, '8 days');
    expect(await openContactChange(database, token)).toEqual(ENDED);
    expect(await reportChange(database, token)).toEqual(ENDED);
  });

  it('records nothing if the audit event cannot be written', async () => {
    const { id, token } = await latestChange(database, account.id);
    await db.pool.query('alter table audit_events add check (false) not valid');
    await expect(reportChange(database, token)).rejects.toThrow();
    expect(await latestChange(database, account.id)).toMatchObject({ reportedAt: null });
    expect(await reportMessages(id)).toEqual([]);
  });
});
