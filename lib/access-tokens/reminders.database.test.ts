import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { createAccessToken } from './create.ts';
import { queueTokenReminders } from './reminders.ts';
import { revokeAccessToken } from './revoke.ts';

/** 14:05 on 31 March 2031 in London, which has summer time since the day before. */
const EXPIRY = '2031-03-31T13:05:00Z';

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await createTestAdministrator(db.database, 'Bob');
  settings().organisationTimeZone = 'Europe/London';
});
afterAll(async () => {
  settings().organisationTimeZone = 'UTC';
  await db.drop();
});
beforeEach(() => db.pool.query('truncate access_tokens; truncate overviews cascade'));

async function createExpiring(expiresAt: string, name = 'Terraform') {
  const token = await createTestAccessToken(db.database, ['accounts:read'], { name, administrator });
  await db.pool.query(
    "update access_tokens set created_at = $2::timestamptz - interval '90 days', expires_at = $2 where id = $1",
    [token.id, expiresAt],
  );
  return token;
}

async function readMessages(): Promise<string[]> {
  const { rows } = await db.pool.query("select id from messages where kind = 'token_overview' order by id");
  return rows.map(({ id }) => id);
}

/** Queues the reminders that are due at a time of the database's clock. @returns the number of emails so far */
async function run(at: string): Promise<number> {
  await queueTokenReminders(db.database, sql.raw(`timestamptz '${at}'`));
  return (await readMessages()).length;
}

describe('queueTokenReminders', () => {
  it('reminds each administrator 14, 7 and 1 days before a token expires and on the day', async () => {
    await createExpiring(EXPIRY);
    const due: [string, number][] = [
      ['2031-03-16T23:59:00Z', 0],
      ['2031-03-17T00:00:00Z', 2],
      ['2031-03-23T23:59:00Z', 2],
      ['2031-03-24T00:00:00Z', 4],
      // Summer time has begun: midnight is at 23:00 UTC.
      ['2031-03-30T00:00:00Z', 6],
      ['2031-03-30T22:59:00Z', 6],
      ['2031-03-30T23:00:00Z', 8],
      ['2031-03-31T14:00:00Z', 8],
    ];
    for (const [at, emails] of due) {
      await run(at);
      expect(await run(at), at).toBe(emails);
    }
  });

  it('queues one email a day for all tokens, whichever workers do it at the same time', async () => {
    await createExpiring(EXPIRY, 'One');
    await createExpiring('2031-03-31T20:00:00Z', 'Two');
    await Promise.all(Array.from({ length: 6 }, () => run('2031-03-24T12:00:00Z')));
    expect(await run('2031-03-24T13:00:00Z')).toBe(2);
  });

  it('queues only the latest due reminder after an outage, and none for a token that has ended', async () => {
    await createExpiring(EXPIRY);
    expect(await run('2031-03-29T12:00:00Z')).toBe(2);
    expect(await run('2031-03-29T13:00:00Z')).toBe(2);
    const { id } = await createExpiring('2031-06-01T12:00:00Z');
    await revokeAccessToken(db.database, administrator, { id });
    expect(await run('2031-05-25T12:00:00Z')).toBe(2);
  });

  it('skips the reminder that is due when a token is created', async () => {
    await createAccessToken(db.database, administrator, { name: 'Short', scopes: ['audit:read'], days: 5 });
    await queueTokenReminders(db.database);
    expect(await readMessages()).toEqual([]);
    await queueTokenReminders(db.database, sql`(now() + interval '4 days')`);
    expect(await readMessages()).toHaveLength(2);
  });
});

describe('the email about access tokens that expire soon', () => {
  /** Queues the email now, and prepares that to the first administrator. */
  async function prepare() {
    await queueTokenReminders(db.database);
    const [id] = await readMessages();
    return id ? prepareMessage(db.database, id) : undefined;
  }
  const createSoon = async (name: string, days: number) => {
    const { id } = await createTestAccessToken(db.database, ['accounts:read'], { name, administrator });
    await db.pool.query(
      'update access_tokens set expires_at = now() + make_interval(days => $2) where id = $1',
      [id, days],
    );
    return id;
  };

  it('lists the tokens that expire within two weeks, the earliest first', async () => {
    await createSoon('Later', 10);
    await createSoon('Sooner', 5);
    await createSoon('Much later', 60);
    expect(await prepare()).toMatchObject({
      kind: 'token_overview',
      to: administrator.email,
      total: 2,
      tokens: [{ name: 'Sooner', lastUsedAt: null, expiresAt: expect.any(Date) }, { name: 'Later' }],
      link: `${settings().publicUrl}/settings/access-tokens`,
    });
  });

  it('is not sent if the tokens were revoked since then', async () => {
    const id = await createSoon('Gone', 5);
    await queueTokenReminders(db.database);
    await revokeAccessToken(db.database, administrator, { id });
    expect(await prepare()).toBeNull();
  });
});
