import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { markSent, type Provider } from './finish-attempt.ts';
import { openTexts } from './open-texts.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
});
afterAll(() => test.drop());

/** The id of a text that a provider accepted so long ago. */
async function sentText(provider: Provider, providerId: string, ago = '1 minute'): Promise<string> {
  const account = await testAccount(test.database, administrator);
  const { rows } = await test.pool.query(
    `select m.id from messages m join api_accounts a on a.reveal_id = m.reveal_id where a.id = $1 and channel = 'sms'`,
    [account.id],
  );
  const { id } = rows[0];
  await markSent(test.database, id, { provider, providerId });
  await test.pool.query(
    'update messages set ended_at = now() - $2::interval, created_at = now() - $2::interval where id = $1',
    [id, ago],
  );
  return id;
}

const smsId = () => `SM${randomUUID().replaceAll('-', '')}`;

it("looks at the day's texts of one provider, at a few of them at a time, and seldomer at older ones", async () => {
  const fresh = await Promise.all(Array.from({ length: 4 }, () => sentText('twilio', smsId(), '9 minutes')));
  await sentText('twilio', smsId(), '25 hours');
  await sentText('sns', randomUUID());
  const old = await sentText('twilio', smsId(), '20 hours');
  const seen = { fresh: 0, old: 0 };
  for (let round = 0; round < 200; round += 1) {
    const texts = await openTexts(test.database, 'twilio', 10);
    const ids = texts.map(({ messageId }) => messageId);
    expect(ids.every((id) => id === old || fresh.includes(id))).toBe(true);
    seen.fresh += ids.filter((id) => id !== old).length;
    seen.old += ids.filter((id) => id === old).length;
  }
  expect(seen.fresh).toBe(800);
  // One time in 120.
  expect(seen.old).toBeLessThan(40);
  expect(await openTexts(test.database, 'twilio', 3)).toHaveLength(3);
});
