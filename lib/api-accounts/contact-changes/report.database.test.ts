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
import {
  createTestAccount,
  createTestAdministrator,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { changeAccount, letChangesAge, readLatestChange } from '#lib/testing/contact-changes.ts';
import { openContactChange, reportChange } from './report.ts';

const INVALID_LINK = { ok: false, reason: 'invalid_link' };

let db: TestDatabase;
let database: Database;
let administrator: Administrator;
let account: AccountSummary;
const databases: TestDatabase[] = [];

// Each test has its own database, because some tests depend on which administrators it has.
beforeEach(async () => {
  db = await createTestDatabase();
  databases.push(db);
  database = db.database;
  administrator = await createTestAdministrator(database);
  account = await createTestAccount(database, administrator, { email: 'old@example.com' });
  await revealKey(database, account.id);
  const edit = { email: 'new@example.com', phone: '+447400123456' };
  account = (await changeAccount(database, administrator, account, edit)).account;
});
afterAll(() => Promise.all(databases.map((each) => each.drop())));

const readReportMessages = (changeId: string) =>
  database
    .select({ userId: messages.userId, channel: messages.channel })
    .from(messages)
    .where(and(eq(messages.changeId, changeId), eq(messages.kind, 'change_report')));
const readChangeActions = async () => {
  const rows = await database.select().from(auditEvents).where(eq(auditEvents.accountId, account.id));
  return rows.map(({ action }) => action).filter((action) => action.startsWith('address_change.'));
};

async function insertUser(role: 'settings_administrator' | 'settings_viewer' | null, active: boolean) {
  const id = uuidv7();
  const email = `${id}@example.com`;
  const values = { id, email, emailFolded: email, name: 'Test User', passwordHash: 'none', role, active };
  await database.insert(users).values(values);
  return id;
}

describe('openContactChange', () => {
  it('returns what was changed and when, without the values, and has no side effects', async () => {
    const { at, token } = await readLatestChange(database, account.id);
    for (let round = 0; round < 3; round += 1) {
      expect(await openContactChange(database, token)).toEqual({
        ok: true,
        change: {
          username: account.username,
          isEmailChanged: true,
          isPhoneChanged: true,
          changedAt: at.toISOString(),
          isReported: false,
        },
      });
    }
    expect(await readLatestChange(database, account.id)).toMatchObject({ reportedAt: null });
    expect(await readChangeActions()).toEqual([]);
  });
});

describe('reportChange', () => {
  it('notifies every active administrator once for 50 concurrent reports, and changes nothing else', async () => {
    const second = await createTestAdministrator(database, 'Otto Second');
    await insertUser('settings_administrator', false);
    await insertUser('settings_viewer', true);
    await insertUser(null, true);
    const before = await readCurrentReveal(database, account.id);
    const summaryBefore = await readSummary(database, account.id);
    const { id, token } = await readLatestChange(database, account.id);
    const results = await Promise.all(Array.from({ length: 50 }, () => reportChange(database, token)));
    expect(results).toEqual(Array.from({ length: 50 }, () => ({ ok: true })));
    const queued = await readReportMessages(id);
    expect(queued.map(({ userId }) => userId).toSorted()).toEqual(
      [administrator.userId, second.userId].toSorted(),
    );
    expect(queued.every(({ channel }) => channel === 'email')).toBe(true);
    expect(await readChangeActions()).toEqual(['address_change.objected']);
    expect(await openContactChange(database, token)).toMatchObject({ change: { isReported: true } });
    const after = await readSummary(database, account.id);
    expect(after).toEqual({ ...summaryBefore, openReports: [expect.objectContaining({ id })] });
    expect(await readCurrentReveal(database, account.id)).toEqual(before);
  });

  it('adds the report to the account, with the change, its time and its author', async () => {
    const { id, at, token } = await readLatestChange(database, account.id);
    await reportChange(database, token);
    const { reportedAt } = await readLatestChange(database, account.id);
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

  it('accepts a report for seven days', async () => {
    const { token } = await readLatestChange(database, account.id);
    await letChangesAge(database, account.id, '6 days 23 hours 59 minutes');
    expect(await openContactChange(database, token)).toMatchObject({ ok: true });
    await letChangesAge(database, account.id, '2 minutes');
    expect(await openContactChange(database, token)).toEqual(INVALID_LINK);
    expect(await reportChange(database, token)).toEqual(INVALID_LINK);
    expect(await readLatestChange(database, account.id)).toMatchObject({ reportedAt: null });
    expect(await readChangeActions()).toEqual([]);
  });

  it('returns invalid_link for malformed, forged, expired and other kinds of tokens, even after a report', async () => {
    const { token } = await readLatestChange(database, account.id);
    const reveal = await readCurrentReveal(database, account.id);
    const otherLetter = token.endsWith('A') ? 'B' : 'A';
    for (const invalidToken of [
      '',
      'x',
      `${token}x`,
      token.slice(0, -1) + otherLetter,
      reveal.token,
      token.toUpperCase(),
    ]) {
      expect(await openContactChange(database, invalidToken)).toEqual(INVALID_LINK);
      expect(await reportChange(database, invalidToken)).toEqual(INVALID_LINK);
    }
    expect(await readChangeActions()).toEqual([]);
    await reportChange(database, token);
    await letChangesAge(database, account.id, '8 days');
    expect(await openContactChange(database, token)).toEqual(INVALID_LINK);
    expect(await reportChange(database, token)).toEqual(INVALID_LINK);
  });

  it('records nothing if the audit event cannot be written', async () => {
    const { id, token } = await readLatestChange(database, account.id);
    await db.pool.query('alter table audit_events add check (false) not valid');
    await expect(reportChange(database, token)).rejects.toThrow();
    expect(await readLatestChange(database, account.id)).toMatchObject({ reportedAt: null });
    expect(await readReportMessages(id)).toEqual([]);
  });
});
