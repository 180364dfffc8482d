import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import { markSent } from '#lib/notifications/delivery/attempt.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { queueExpiryReminders } from './reminders.ts';
import { saveExpiryPolicy } from './save-policy.ts';

/** 14:05 on 31 March 2031 in London, which has summer time since the day before. */
const EXPIRY = '2031-03-31T13:05:00Z';

let db: TestDatabase;
let administrator: Administrator;
let colleague: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  colleague = await createTestAdministrator(db.database, 'Bob');
  settings().organisationTimeZone = 'Europe/London';
});
afterAll(async () => {
  settings().organisationTimeZone = 'UTC';
  await db.drop();
});
beforeEach(async () => {
  await db.pool.query('delete from api_accounts; truncate overviews cascade');
});

async function createExpiring(expiresAt = EXPIRY) {
  const account = await createTestAccount(db.database, administrator);
  await setExpiry(account.id, expiresAt);
  return account;
}
const setExpiry = (id: string, expiresAt: string | null) =>
  db.pool.query('update api_accounts set expires_at = $2 where id = $1', [id, expiresAt]);
const deactivate = (id: string) =>
  db.pool.query('update api_accounts set active = not active where id = $1', [id]);

/** Queues the reminders that are due at a time of the database's clock. */
const run = (at: string) => queueExpiryReminders(db.database, { now: sql.raw(`timestamptz '${at}'`) });

/** Reads the days of the reminders of an account, in the order of their time. */
async function readReminders(accountId: string): Promise<number[]> {
  const { rows } = await db.pool.query(
    `select days_before from expiry_reminders where account_id = $1 and not is_skipped order by id`,
    [accountId],
  );
  return rows.map((row) => row.days_before);
}

/** Reads the ids of the messages of a kind. */
async function readMessages(kind: string): Promise<string[]> {
  const { rows } = await db.pool.query('select id from messages where kind = $1 order by id', [kind]);
  return rows.map(({ id }) => id);
}

async function prepareOnly(kind: string) {
  const [id, ...others] = await readMessages(kind);
  if (!id || others.length > 0) throw new Error(`${others.length + 1} messages`);
  return prepareMessage(db.database, id);
}

describe('queueExpiryReminders', () => {
  it('reminds 30, 7 and 1 days before the last day and on it, from midnight in the organisation’s time zone', async () => {
    const { id } = await createExpiring();
    const due: [string, number[]][] = [
      ['2031-02-28T23:59:00Z', []],
      ['2031-03-01T00:00:00Z', [30]],
      ['2031-03-23T23:59:00Z', [30]],
      ['2031-03-24T00:00:00Z', [30, 7]],
      // Summer time has begun: midnight is at 23:00 UTC.
      ['2031-03-29T23:59:00Z', [30, 7]],
      ['2031-03-30T00:00:00Z', [30, 7, 1]],
      ['2031-03-30T22:59:00Z', [30, 7, 1]],
      ['2031-03-30T23:00:00Z', [30, 7, 1, 0]],
      ['2031-04-02T00:00:00Z', [30, 7, 1, 0]],
    ];
    for (const [at, reminders] of due) {
      await run(at);
      await run(at);
      expect(await readReminders(id), at).toEqual(reminders);
    }
    expect(await readMessages('expiry_reminder')).toHaveLength(4);
  });

  it('counts midnight as the end of the day before', async () => {
    const { id } = await createExpiring('2031-01-10T00:00:00Z');
    await run('2031-01-09T00:00:00Z');
    expect(await readReminders(id)).toEqual([0]);
  });

  it.each([
    ['2031-03-29T12:00:00Z', [7]],
    ['2031-04-03T12:00:00Z', [0]],
    ['2031-04-07T14:00:00Z', []],
  ])(
    'queues only the latest due reminder after an outage, up to 7 days after the expiry: %s',
    async (at, reminders) => {
      const { id } = await createExpiring();
      await run(at);
      expect(await readReminders(id)).toEqual(reminders);
      expect(await readMessages('expiry_overview')).toHaveLength(2 * reminders.length);
    },
  );

  it('queues each reminder once if several workers do it at the same time', async () => {
    // The microseconds would be lost in a `Date`.
    const accounts = [];
    for (let count = 0; count < 5; count += 1)
      accounts.push(await createExpiring(`2031-03-31T13:05:00.12345${count}Z`));
    await Promise.all(Array.from({ length: 6 }, () => run('2031-03-25T12:00:00Z')));
    await run('2031-03-25T13:00:00Z');
    for (const { id } of accounts) expect(await readReminders(id)).toEqual([7]);
    expect(await readMessages('expiry_reminder')).toHaveLength(accounts.length);
    expect(await readMessages('expiry_overview')).toHaveLength(2);
  });

  it('reminds more accounts than a transaction locks, and lists all of them in one overview', async () => {
    await db.pool.query(
      `insert into api_accounts (id, username, username_folded, email, phone, expires_at)
         select gen_random_uuid(), 'Company ' || n, 'company ' || n, 'it@example.com', '+447894123456', $1
         from generate_series(1, 150) n`,
      [EXPIRY],
    );
    await run('2031-03-25T12:00:00Z');
    expect(await readMessages('expiry_reminder')).toHaveLength(150);
    const [first = ''] = await readMessages('expiry_overview');
    const message = await prepareMessage(db.database, first);
    expect(message).toMatchObject({ kind: 'expiry_overview', total: 150 });
    expect(message?.kind === 'expiry_overview' && message.accounts).toHaveLength(20);
  });

  it('does not remind of inactive accounts, until they are reactivated', async () => {
    const { id } = await createExpiring();
    await deactivate(id);
    await run('2031-03-01T12:00:00Z');
    expect(await readReminders(id)).toEqual([]);
    await deactivate(id);
    await run('2031-03-02T12:00:00Z');
    expect(await readReminders(id)).toEqual([30]);
  });

  it('reminds of a new expiry again, but not of a former one', async () => {
    const { id } = await createExpiring();
    await run('2031-03-25T12:00:00Z');
    await setExpiry(id, '2031-04-29T12:00:00Z');
    await run('2031-03-26T12:00:00Z');
    expect(await readReminders(id)).toEqual([7]);
    await setExpiry(id, EXPIRY);
    await run('2031-03-26T12:00:00Z');
    expect(await readReminders(id)).toEqual([7]);
    await setExpiry(id, '2031-04-20T12:00:00Z');
    await run('2031-03-26T12:00:00Z');
    expect(await readReminders(id)).toEqual([7, 30]);
    await setExpiry(id, null);
    await run('2031-04-20T12:00:00Z');
    expect(await readReminders(id)).toEqual([7, 30]);
  });

  it('queues nothing for an account that is created with less time than that', async () => {
    await saveExpiryPolicy(db.database, administrator, { version: 0, defaultDays: 20, maxDays: null });
    const { id } = await createTestAccount(db.database, administrator);
    await db.pool.query('truncate expiry_policy');
    await queueExpiryReminders(db.database);
    expect(await readReminders(id)).toEqual([]);
    expect(await readMessages('expiry_overview')).toEqual([]);
    await queueExpiryReminders(db.database, { now: sql.raw("(now() + interval '14 days')") });
    expect(await readReminders(id)).toEqual([7]);
  });

  it('queues at most one overview a day for each active administrator', async () => {
    await createExpiring();
    await run('2031-03-24T00:00:00Z');
    const second = await createExpiring('2031-03-31T22:00:00Z');
    await run('2031-03-24T23:59:00Z');
    expect(await readReminders(second.id)).toEqual([7]);
    expect(await readMessages('expiry_overview')).toHaveLength(2);
    await db.pool.query('update users set active = false where id = $1', [colleague.userId]);
    await run('2031-03-25T00:00:00Z');
    await db.pool.query('update users set active = true where id = $1', [colleague.userId]);
    const [, , third = '', ...others] = await readMessages('expiry_overview');
    expect(others).toEqual([]);
    expect(await prepareMessage(db.database, third)).toMatchObject({
      accounts: [{ username: second.username }],
      total: 1,
    });
  });
});

describe('prepareMessage for a reminder', () => {
  it('returns the same for each attempt: the current email address, the username and the expiry', async () => {
    const { id, username } = await createExpiring();
    await run('2031-03-25T12:00:00Z');
    await db.pool.query("update api_accounts set email = 'new@example.com' where id = $1", [id]);
    const message = { kind: 'expiry_reminder', to: 'new@example.com', username, expiresAt: new Date(EXPIRY) };
    expect(await prepareOnly('expiry_reminder')).toEqual(message);
    expect(await prepareOnly('expiry_reminder')).toEqual(message);
  });

  it.each([
    ['extended', (id: string) => setExpiry(id, '2032-01-01T00:00:00Z')],
    ['deactivated', deactivate],
  ])('returns null, and drops the message, if the account was %s', async (_, change) => {
    const { id } = await createExpiring();
    await run('2031-03-25T12:00:00Z');
    await change(id);
    expect(await prepareOnly('expiry_reminder')).toBeNull();
    for (const overview of await readMessages('expiry_overview'))
      expect(await prepareMessage(db.database, overview)).toBeNull();
    const { rows } = await db.pool.query(
      "select distinct state from messages where kind in ('expiry_reminder', 'expiry_overview')",
    );
    expect(rows).toEqual([{ state: 'dropped' }]);
  });

  it('is deleted with its account, also from the overview', async () => {
    const { id, username } = await createExpiring();
    await run('2031-03-25T12:00:00Z');
    await deleteApiAccount(db.database, administrator, { id, username });
    expect(await readMessages('expiry_reminder')).toEqual([]);
    const [overview = ''] = await readMessages('expiry_overview');
    expect(await prepareMessage(db.database, overview)).toBeNull();
  });

  it('is recorded with its account when it was sent', async () => {
    const { id } = await createExpiring();
    await run('2031-03-25T12:00:00Z');
    const [messageId = ''] = await readMessages('expiry_reminder');
    await markSent(db.database, messageId, { provider: 'smtp', providerId: 'one' });
    const { rows } = await db.pool.query(
      "select details from audit_events where account_id = $1 and action = 'message.sent'",
      [id],
    );
    expect(rows).toMatchObject([{ details: { kind: 'expiry_reminder' } }]);
  });
});

describe('prepareMessage for an overview of expiries', () => {
  it('lists the accounts for an active administrator, the first to expire first', async () => {
    const later = await createExpiring('2031-03-31T16:00:00Z');
    const sooner = await createExpiring();
    await run('2031-03-25T12:00:00Z');
    const messages = await Promise.all(
      (await readMessages('expiry_overview')).map((id) => prepareMessage(db.database, id)),
    );
    const recipients = messages.map((message) => message?.to);
    expect(recipients.toSorted()).toEqual([administrator.email, colleague.email].toSorted());
    expect(messages[0]).toEqual({
      kind: 'expiry_overview',
      to: recipients[0],
      accounts: [
        { username: sooner.username, expiresAt: new Date(EXPIRY) },
        { username: later.username, expiresAt: new Date('2031-03-31T16:00:00Z') },
      ],
      total: 2,
      link: `${settings().publicUrl}/settings/users/api-accounts?status=expiring`,
    });
  });

  it('returns null for a user who is no longer an active administrator', async () => {
    await createExpiring();
    await run('2031-03-25T12:00:00Z');
    await db.pool.query("update users set role = 'settings_viewer' where id = $1", [colleague.userId]);
    const messages = await Promise.all(
      (await readMessages('expiry_overview')).map((id) => prepareMessage(db.database, id)),
    );
    await db.pool.query("update users set role = 'settings_administrator' where id = $1", [colleague.userId]);
    expect(messages.filter((message) => message !== null)).toMatchObject([{ to: administrator.email }]);
  });
});
