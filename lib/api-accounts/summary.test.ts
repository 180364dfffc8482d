import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/auth/roles.ts';
import { sendAgain } from '#lib/reveals/send-again.ts';
import { letTimePass, revealKey, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { acceptMessage, reportDelivery } from '#lib/testing/messages.ts';
import { readSummary } from './summary.ts';

let test: TestDatabase;
let administrator: Administrator;
let id: string;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
});
beforeEach(async () => {
  id = (await testAccount(test.database, administrator)).id;
});
afterAll(() => test.drop());

type Kind = Parameters<typeof reportDelivery>[2];

const failures = async () => (await readSummary(test.database, id))?.deliveryFailures;

async function report(channel: 'email' | 'sms', kind: Kind, reason: string | null = null) {
  const messageId = await acceptMessage(test.database, id, channel, 'resend');
  await reportDelivery(test.database, messageId, kind, { reason });
}

it('says which message did not arrive, by its provider', async () => {
  await report('email', 'delayed');
  await report('sms', 'delivered');
  expect(await failures()).toEqual([]);
  await report('email', 'complained');
  expect(await failures()).toEqual(['The email was marked as spam.']);
  await report('email', 'bounced', 'There is no such mailbox.');
  await report('sms', 'failed', 'The phone could not be reached.');
  expect(await failures()).toEqual([
    'The email came back: There is no such mailbox.',
    'The text was not delivered: The phone could not be reached.',
  ]);
});

it('says what our own rules refused', async () => {
  await test.pool.query(
    `update messages set state = 'refused', failure = 'Texts to this country are not allowed.', ended_at = now()
      where channel = 'sms' and reveal_id = (select reveal_id from api_accounts where id = $1)`,
    [id],
  );
  expect(await failures()).toEqual([]);
  expect(await readSummary(test.database, id)).toMatchObject({
    textRefused: 'Texts to this country are not allowed.',
  });
});

it('is silent once a newer message is under way, and once the key was shown', async () => {
  await report('email', 'bounced');
  await letTimePass(test.database, id, '61 seconds');
  await sendAgain(test.database, administrator, { id, what: 'email' });
  expect(await failures()).toEqual([]);
  await report('email', 'bounced');
  expect(await failures()).toHaveLength(1);
  await revealKey(test.database, id);
  expect(await failures()).toEqual([]);
});
