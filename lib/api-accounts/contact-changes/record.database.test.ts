import { and, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#db/client.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { revealKey, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { changeAccount, letChangesAge } from '#lib/testing/contact-changes.ts';
import { NOTICES_PER_HOUR } from './limits.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await testAdministrator(db.database);
});
afterAll(() => db.drop());

const changesOf = (accountId: string, database = db.database) =>
  database
    .select()
    .from(contactChanges)
    .where(eq(contactChanges.accountId, accountId))
    .orderBy(contactChanges.id);

/** Reads the notices about an account, each with its number of queued jobs. */
async function noticesOf(accountId: string, database: Database = db.database) {
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
  ])('records the change and queues a notice: %s', async (_, edit) => {
    const account = await testAccount(db.database, administrator, { email: 'old@example.com' });
    const result = await changeAccount(db.database, administrator, account, edit);
    expect(result.isPreviousAddressNotified).toBe(true);
    const [change, ...more] = await changesOf(account.id);
    expect(more).toEqual([]);
    expect(change).toMatchObject({
      changedBy: administrator.userId,
      oldEmail: 'old@example.com',
      newEmail: result.account.email,
      oldPhone: account.phone,
      newPhone: result.account.phone,
      reportedAt: null,
    });
    expect(await noticesOf(account.id)).toEqual([
      { kind: 'change_notice', channel: 'email', changeId: change?.id, jobs: 1 },
    ]);
  });

  it('queues a notice even if no reveal is open', async () => {
    const account = await testAccount(db.database, administrator);
    await revealKey(db.database, account.id);
    const edit = { email: 'elsewhere@example.com' };
    const result = await changeAccount(db.database, administrator, account, edit);
    expect(result).toMatchObject({ revealRestarted: false, isPreviousAddressNotified: true });
    expect(await noticesOf(account.id)).toHaveLength(1);
  });

  it('records nothing if neither email address nor phone number changed', async () => {
    const account = await testAccount(db.database, administrator);
    const unticked = await changeAccount(db.database, administrator, account, { active: false });
    expect(unticked.isPreviousAddressNotified).toBe(false);
    await changeAccount(db.database, administrator, unticked.account, {});
    expect(await changesOf(account.id)).toEqual([]);
  });

  it('leaves no row and no notice if the transaction fails', async () => {
    const own = await createTestDatabase();
    const ownAdministrator = await testAdministrator(own.database);
    const account = await testAccount(own.database, ownAdministrator);
    // The reveal is restarted after the notice was queued, so this constraint fails the transaction late.
    await own.pool.query('alter table reveals add check (false) not valid');
    const edit = { email: 'new@example.com' };
    await expect(changeAccount(own.database, ownAdministrator, account, edit)).rejects.toThrow();
    expect(await changesOf(account.id, own.database)).toEqual([]);
    expect(await noticesOf(account.id, own.database)).toEqual([]);
    await own.drop();
  });
});

describe('the limit on notices', () => {
  it('withholds and audits notices above the limit, but saves the changes', async () => {
    const own = await testAccount(db.database, administrator);
    await revealKey(db.database, own.id);
    let account = own;
    const notified: boolean[] = [];
    for (let round = 0; round < NOTICES_PER_HOUR + 2; round += 1) {
      const edit = { email: round % 2 === 0 ? 'there@example.com' : 'here@example.com' };
      const result = await changeAccount(db.database, administrator, account, edit);
      notified.push(result.isPreviousAddressNotified);
      account = result.account;
    }
    expect(notified).toEqual([...Array<boolean>(NOTICES_PER_HOUR).fill(true), false, false]);
    const changes = await changesOf(own.id);
    expect(changes).toHaveLength(NOTICES_PER_HOUR + 2);
    expect(await noticesOf(own.id)).toHaveLength(NOTICES_PER_HOUR);
    const withheld = await db.database
      .select({ details: auditEvents.details, userId: auditEvents.userId, address: auditEvents.address })
      .from(auditEvents)
      .where(
        and(eq(auditEvents.accountId, own.id), eq(auditEvents.action, 'address_change.notice_withheld')),
      );
    const expected = changes.slice(-2).map(({ id }) => ({ changeId: id }));
    expect(withheld.map(({ details }) => details)).toEqual(expected);
    expect(withheld.every(({ userId }) => userId === administrator.userId)).toBe(true);
    expect(withheld.every(({ address }) => address === administrator.address)).toBe(true);

    const other = await testAccount(db.database, administrator);
    const elsewhere = await changeAccount(db.database, administrator, other, { email: 'x@example.com' });
    expect(elsewhere.isPreviousAddressNotified, "another account's").toBe(true);
    await letChangesAge(db.database, own.id, '61 minutes');
    const later = await changeAccount(db.database, administrator, account, { email: 'x@example.com' });
    expect(later.isPreviousAddressNotified, 'an hour later').toBe(true);
  });
});
