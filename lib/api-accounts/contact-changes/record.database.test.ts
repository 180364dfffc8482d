import { and, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#db/client.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { changeAccount, letChangesAge } from '#lib/testing/contact-changes.ts';
import { NOTICES_PER_HOUR } from './limits.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

const readChanges = (accountId: string, database = db.database) =>
  database
    .select()
    .from(contactChanges)
    .where(eq(contactChanges.accountId, accountId))
    .orderBy(contactChanges.id);

/** Reads the notices about an account, each with its number of queued jobs. */
async function readNotices(accountId: string, database: Database = db.database) {
  const jobs = sql<number>`(select count(*)::int from pgboss.job j where j.data ->> 'messageId' = ${messages.id}::text)`;
  return database
    .select({ kind: messages.kind, channel: messages.channel, changeId: messages.changeId, jobs })
    .from(messages)
    .innerJoin(contactChanges, eq(contactChanges.id, messages.changeId))
    .where(eq(contactChanges.accountId, accountId));
}

describe('recordContactChange', () => {
  it.each([
    ['email address', { email: 'new@example.com' }],
    ['phone number', { phone: '+447400123456' }],
    ['email address and phone number', { email: 'new@example.com', phone: '+447400123456' }],
  ])('records a change of %s, and queues a notice', async (_, edit) => {
    const account = await createTestAccount(db.database, administrator, { email: 'old@example.com' });
    const result = await changeAccount(db.database, administrator, account, edit);
    expect(result.isPreviousAddressNotified).toBe(true);
    const [change, ...otherChanges] = await readChanges(account.id);
    expect(otherChanges).toEqual([]);
    expect(change).toMatchObject({
      changedBy: administrator.userId,
      oldEmail: 'old@example.com',
      newEmail: result.account.email,
      oldPhone: account.phone,
      newPhone: result.account.phone,
      reportedAt: null,
    });
    expect(await readNotices(account.id)).toEqual([
      { kind: 'change_notice', channel: 'email', changeId: change?.id, jobs: 1 },
    ]);
  });

  it('queues a notice even if no reveal is open', async () => {
    const account = await createTestAccount(db.database, administrator);
    await revealKey(db.database, account.id);
    const edit = { email: 'elsewhere@example.com' };
    const result = await changeAccount(db.database, administrator, account, edit);
    expect(result).toMatchObject({ wasRevealRestarted: false, isPreviousAddressNotified: true });
    expect(await readNotices(account.id)).toHaveLength(1);
  });

  it('records nothing if neither email address nor phone number changed', async () => {
    const account = await createTestAccount(db.database, administrator);
    const deactivation = await changeAccount(db.database, administrator, account, { active: false });
    expect(deactivation.isPreviousAddressNotified).toBe(false);
    await changeAccount(db.database, administrator, deactivation.account, {});
    expect(await readChanges(account.id)).toEqual([]);
  });

  it('leaves no row and no notice if the transaction fails', async () => {
    const ownDatabase = await createTestDatabase();
    const ownAdministrator = await createTestAdministrator(ownDatabase.database);
    const account = await createTestAccount(ownDatabase.database, ownAdministrator);
    // The reveal is restarted after the notice was queued, so this constraint fails the transaction late.
    await ownDatabase.pool.query('alter table reveals add check (false) not valid');
    const edit = { email: 'new@example.com' };
    await expect(changeAccount(ownDatabase.database, ownAdministrator, account, edit)).rejects.toThrow();
    expect(await readChanges(account.id, ownDatabase.database)).toEqual([]);
    expect(await readNotices(account.id, ownDatabase.database)).toEqual([]);
    await ownDatabase.drop();
  });
});

describe('recordContactChange above the limit on notices', () => {
  it('saves the changes, and audits that it withholds their notices, for one hour and only for that account', async () => {
    const original = await createTestAccount(db.database, administrator);
    // Ends the reveal, so that the changes do not restart it.
    await revealKey(db.database, original.id);
    let account = original;
    const notifications: boolean[] = [];
    for (let round = 0; round < NOTICES_PER_HOUR + 2; round += 1) {
      const edit = { email: round % 2 === 0 ? 'there@example.com' : 'here@example.com' };
      const result = await changeAccount(db.database, administrator, account, edit);
      notifications.push(result.isPreviousAddressNotified);
      account = result.account;
    }
    expect(notifications).toEqual([...Array<boolean>(NOTICES_PER_HOUR).fill(true), false, false]);
    const changes = await readChanges(original.id);
    expect(changes).toHaveLength(NOTICES_PER_HOUR + 2);
    expect(await readNotices(original.id)).toHaveLength(NOTICES_PER_HOUR);
    const withheld = await db.database
      .select({ details: auditEvents.details, userId: auditEvents.userId, ipAddress: auditEvents.ipAddress })
      .from(auditEvents)
      .where(
        and(eq(auditEvents.accountId, original.id), eq(auditEvents.action, 'address_change.notice_withheld')),
      );
    const expected = changes.slice(-2).map(({ id }) => ({ changeId: id }));
    expect(withheld.map(({ details }) => details)).toEqual(expected);
    expect(withheld.every(({ userId }) => userId === administrator.userId)).toBe(true);
    expect(withheld.every(({ ipAddress }) => ipAddress === administrator.ipAddress)).toBe(true);

    const other = await createTestAccount(db.database, administrator);
    const elsewhere = await changeAccount(db.database, administrator, other, { email: 'x@example.com' });
    expect(elsewhere.isPreviousAddressNotified, "another account's").toBe(true);
    await letChangesAge(db.database, original.id, '61 minutes');
    const later = await changeAccount(db.database, administrator, account, { email: 'x@example.com' });
    expect(later.isPreviousAddressNotified, 'an hour later').toBe(true);
  });
});
