import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { markSent } from '#lib/notifications/delivery/attempt.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { changeAccount, letChangesAge, readLatestChange } from '#lib/testing/contact-changes.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { resolveReport } from './open-reports.ts';
import { reportChange } from './report.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

async function readMessage(changeId: string, kind: 'change_notice' | 'change_report', userId?: string) {
  const [row] = await db.database
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.changeId, changeId),
        eq(messages.kind, kind),
        userId ? eq(messages.userId, userId) : undefined,
      ),
    );
  if (!row) throw new Error('no message');
  return row;
}

async function createChange(edit: { email?: string; phone?: string }) {
  const before = await createTestAccount(db.database, administrator, { email: 'old@example.com' });
  const { account } = await changeAccount(db.database, administrator, before, edit);
  const change = await readLatestChange(db.database, account.id);
  return { account, change, notice: await readMessage(change.id, 'change_notice') };
}
const prepare = (id: string) => prepareMessage(db.database, id);
const DAY_MS = 24 * 3_600_000;

describe('prepareChangeMessage for a notice', () => {
  it.each([
    ['email address', { email: 'new@example.com' }, { isEmailChanged: true, isPhoneChanged: false }],
    ['phone number', { phone: '+447400123456' }, { isEmailChanged: false, isPhoneChanged: true }],
  ])(
    'returns the same notice of a changed %s to the previous email address on each attempt',
    async (_, edit, changedFields) => {
      const { account, change, notice } = await createChange(edit);
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        expect(await prepare(notice.id)).toEqual({
          kind: 'change_notice',
          to: 'old@example.com',
          username: account.username,
          ...changedFields,
          changedAt: change.at,
          link: `http://localhost:3000/report-change#${change.token}`,
          linkExpiresAt: new Date(change.at.getTime() + 7 * DAY_MS),
        });
      }
      expect(await readMessage(change.id, 'change_notice')).toMatchObject({ attempts: 2 });
    },
  );

  it('returns null if the notice was sent, or if its link has expired', async () => {
    const sent = await createChange({ email: 'new@example.com' });
    await markSent(db.database, sent.notice.id, { provider: 'outbox', providerId: null });
    expect(await prepare(sent.notice.id)).toBeNull();
    const expired = await createChange({ email: 'new@example.com' });
    await letChangesAge(db.database, expired.account.id, '8 days');
    expect(await prepare(expired.notice.id)).toBeNull();
    expect(await readMessage(expired.change.id, 'change_notice')).toMatchObject({ state: 'dropped' });
  });
});

describe('prepareChangeMessage for a report', () => {
  it('returns all values to an administrator', async () => {
    const { account, change } = await createChange({ phone: '+447400123456' });
    await reportChange(db.database, change.token);
    const { id } = await readMessage(change.id, 'change_report', administrator.userId);
    expect(await prepare(id)).toEqual({
      kind: 'change_report',
      to: administrator.email,
      username: account.username,
      changedBy: 'Ada Minister',
      changedAt: change.at,
      email: null,
      phone: { before: '+447894123456', after: '+447400123456' },
      link: `http://localhost:3000/settings/users/api-accounts/${account.id}`,
    });
  });

  it('names an administrator without a name by their email address', async () => {
    const nameless = await createTestAdministrator(db.database, '');
    const account = await createTestAccount(db.database, administrator);
    await changeAccount(db.database, nameless, account, { phone: '+447400123456' });
    const change = await readLatestChange(db.database, account.id);
    await reportChange(db.database, change.token);
    const { id } = await readMessage(change.id, 'change_report', administrator.userId);
    expect(await prepare(id)).toMatchObject({ changedBy: nameless.email });
  });

  it('returns a resolved report to another administrator, but nothing to a former one', async () => {
    const other = await createTestAdministrator(db.database, 'Otto Other');
    const former = await createTestAdministrator(db.database, 'Fred Former');
    const { change } = await createChange({ email: 'new@example.com' });
    await reportChange(db.database, change.token);
    await resolveReport(db.database, administrator, { id: change.id });
    const toOther = await readMessage(change.id, 'change_report', other.userId);
    expect(await prepare(toOther.id)).toMatchObject({ kind: 'change_report', to: other.email });
    await db.database.update(users).set({ active: false }).where(eq(users.id, former.userId));
    const toFormer = await readMessage(change.id, 'change_report', former.userId);
    expect(await prepare(toFormer.id)).toBeNull();
    expect(await readMessage(change.id, 'change_report', former.userId)).toMatchObject({ state: 'dropped' });
  });
});
