import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Provider } from '#lib/notifications/providers/send-result.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { markSent } from './attempt.ts';
import { findSmsAwaitingReport } from './sms-awaiting-report.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** Inserts an SMS that the provider accepted some time ago, and returns its id. */
async function insertSentSms(provider: Provider, providerId: string, age = '1 minute'): Promise<string> {
  const account = await createTestAccount(db.database, administrator);
  const { rows } = await db.pool.query(
    `select m.id from messages m join api_accounts a on a.reveal_id = m.reveal_id where a.id = $1 and channel = 'sms'`,
    [account.id],
  );
  const { id } = rows[0];
  await markSent(db.database, id, { provider, providerId });
  await db.pool.query(
    'update messages set ended_at = now() - $2::interval, created_at = now() - $2::interval where id = $1',
    [id, age],
  );
  return id;
}

const createTwilioSid = () => `SM${randomUUID().replaceAll('-', '')}`;

describe('findSmsAwaitingReport', () => {
  it('picks SMS of one provider that were sent in the last 24 hours, and older SMS less often', async () => {
    const recentIds = await Promise.all(
      Array.from({ length: 4 }, () => insertSentSms('twilio', createTwilioSid(), '9 minutes')),
    );
    await insertSentSms('twilio', createTwilioSid(), '25 hours');
    await insertSentSms('sns', randomUUID());
    const oldId = await insertSentSms('twilio', createTwilioSid(), '20 hours');
    const picks = { recent: 0, old: 0 };
    for (let round = 0; round < 200; round += 1) {
      const found = await findSmsAwaitingReport(db.database, 'twilio', 10);
      const ids = found.map(({ messageId }) => messageId);
      expect(ids.every((id) => id === oldId || recentIds.includes(id))).toBe(true);
      picks.recent += ids.filter((id) => id !== oldId).length;
      picks.old += ids.filter((id) => id === oldId).length;
    }
    expect(picks.recent).toBe(800);
    // On average, it is picked once in 120 rounds.
    expect(picks.old).toBeLessThan(40);
    expect(await findSmsAwaitingReport(db.database, 'twilio', 3)).toHaveLength(3);
  });
});
