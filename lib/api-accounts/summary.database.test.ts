import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, letTimePass, revealKey } from '#lib/testing/accounts.ts';
import { acceptMessage, reportDelivery } from '#lib/testing/messages.ts';
import { readSummary } from './summary.ts';
import { updateApiAccount } from './update.ts';

let db: TestDatabase;
let administrator: Administrator;
let id: string;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
beforeEach(async () => {
  id = (await createTestAccount(db.database, administrator)).id;
});
afterAll(() => db.drop());

type ReportKind = Parameters<typeof reportDelivery>[2];

const readProblemTexts = async () =>
  (await readSummary(db.database, id))?.deliveryProblems.map(({ text }) => text);

async function acceptAndReport(channel: 'email' | 'sms', kind: ReportKind, reason: string | null = null) {
  const messageId = await acceptMessage(db.database, id, channel, 'resend');
  await reportDelivery(db.database, messageId, kind, { reason });
}

describe('readSummary', () => {
  it('lists messages that the provider reported as undelivered or as spam', async () => {
    await acceptAndReport('email', 'delayed');
    await acceptAndReport('sms', 'delivered');
    expect(await readProblemTexts()).toEqual([]);
    await acceptAndReport('email', 'complained');
    expect(await readProblemTexts()).toEqual(['The email was marked as spam.']);
    await acceptAndReport('email', 'bounced', 'There is no such mailbox.');
    await acceptAndReport('sms', 'failed', 'The phone could not be reached.');
    expect(await readProblemTexts()).toEqual([
      'The email bounced. There is no such mailbox.',
      'The text wasn’t delivered. The phone could not be reached.',
    ]);
  });

  it('returns why the SMS policy blocked the SMS', async () => {
    await db.pool.query(
      `update messages set state = 'refused', failure = 'texts to France are turned off', ended_at = now()
      where channel = 'sms' and reveal_id = (select reveal_id from api_accounts where id = $1)`,
      [id],
    );
    expect(await readProblemTexts()).toEqual([]);
    expect(await readSummary(db.database, id)).toMatchObject({
      smsBlockedReason: 'texts to France are turned off',
    });
  });

  it('lists no problem once a newer message is queued, or the key was shown', async () => {
    await acceptAndReport('email', 'bounced');
    // An email can be resent after a minute.
    await letTimePass(db.database, id, '61 seconds');
    await resendMessages(db.database, administrator, { id, what: 'email' });
    expect(await readProblemTexts()).toEqual([]);
    await acceptAndReport('email', 'bounced');
    expect(await readProblemTexts()).toHaveLength(1);
    await revealKey(db.database, id);
    expect(await readProblemTexts()).toEqual([]);
  });

  it('lists no problem if the provider reported delivery, although its response was lost', async () => {
    const { rows } = await db.pool.query(
      `update messages set failure = 'Resend did not respond.', next_attempt_at = now() + interval '1 hour'
      where channel = 'email' and reveal_id = (select reveal_id from api_accounts where id = $1) returning id`,
      [id],
    );
    expect(await readProblemTexts()).toEqual([expect.stringContaining('Resend did not respond.')]);
    await reportDelivery(db.database, rows[0].id, 'delivered');
    expect(await readProblemTexts()).toEqual([]);
  });

  it('reports no blocked SMS if an earlier SMS has the current code', async () => {
    await db.pool.query(
      `insert into messages (id, kind, channel, reveal_id, code_generation, state, failure, ended_at)
      select $2, 'code', 'sms', reveal_id, 1, 'refused', 'Not today.', now() from api_accounts where id = $1`,
      [id, uuidv7()],
    );
    expect(await readSummary(db.database, id)).toMatchObject({ smsBlockedReason: null });
  });

  it('lists a bounced notice to the previous email address for a week', async () => {
    const { version, phone } = (await readSummary(db.database, id)) ?? { version: 0, phone: '' };
    const change = { id, version, email: 'new@example.com', phone, active: true };
    await updateApiAccount(db.database, administrator, change);
    expect(await readProblemTexts()).toEqual([]);
    const { rows } = await db.pool.query(
      `update messages set state = 'sent', provider = 'resend' where kind = 'change_notice' and change_id in
      (select id from contact_changes where account_id = $1) returning id`,
      [id],
    );
    await reportDelivery(db.database, rows[0].id, 'bounced', { reason: 'There is no such mailbox.' });
    expect(await readProblemTexts()).toEqual([
      'The email about the contact change bounced. There is no such mailbox.',
    ]);
    await db.pool.query("update contact_changes set at = at - interval '8 days' where account_id = $1", [id]);
    expect(await readProblemTexts()).toEqual([]);
  });
});
