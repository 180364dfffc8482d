import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { openReveal, recordInteractionByLink } from '#lib/key-delivery/reveal/open.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { abandonMessage } from '#lib/notifications/delivery/attempt.ts';
import type { Provider } from '#lib/notifications/providers/send-result.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  makeWrongCode,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { containsCode } from '#lib/testing/contains-code.ts';
import { acceptMessage, readNewestMessageId, reportDelivery } from '#lib/testing/messages.ts';
import { readTimeline } from './read.ts';

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

async function readKeyDeliveries() {
  const timeline = await readTimeline(db.database, administrator, { id });
  if (!timeline?.current) throw new Error('no key delivery');
  return { ...timeline, current: timeline.current };
}
const readEntryTexts = async () => (await readKeyDeliveries()).current.entries.map((entry) => entry.text);
const findEntry = async (start: string) =>
  (await readKeyDeliveries()).current.entries.find((each) => each.text.startsWith(start));
const readStatus = async () => (await readKeyDeliveries()).current.status;

const readMessageId = (channel: 'email' | 'sms') => readNewestMessageId(db.database, id, channel);
const markAccepted = (channel: 'email' | 'sms', provider: Provider) =>
  acceptMessage(db.database, id, channel, provider);

describe('readTimeline', () => {
  it('names an administrator without a name by their email address', async () => {
    const nameless = await createTestAdministrator(db.database, '');
    await resetApiKey(db.database, nameless, { id });
    expect(await readEntryTexts()).toContain(`${nameless.email} reset the API key`);
  });

  it('lists a key delivery from its start to the key', async () => {
    expect(await readEntryTexts()).toEqual([
      'Ada Minister created the account',
      'Sending email',
      'Sending text',
    ]);
    await reportDelivery(db.database, await markAccepted('email', 'resend'), 'delivered');
    await markAccepted('sms', 'sns');
    const { token, code } = await readCurrentReveal(db.database, id);
    const opened = await openReveal(db.database, token);
    if (!opened.ok || !opened.openingId) throw new Error('not opened');
    await recordInteractionByLink(db.database, { token, openingId: opened.openingId });
    await submitCode(db.database, { token, code: makeWrongCode(code) });
    await revealKey(db.database, id);
    expect((await readEntryTexts()).slice(3)).toEqual([
      'Email sent by Resend',
      'Email delivered',
      'Text sent by Amazon SNS',
      'Link opened',
      'Wrong code entered',
      'API key collected',
    ]);
    expect(await readKeyDeliveries()).toMatchObject({
      resendAvailability: null,
      earlier: [],
      current: { state: 'shown' },
    });
    expect(await findEntry('Email sent')).toMatchObject({ details: null });
    expect(await findEntry('Text sent')).toMatchObject({
      details: 'Delivery not confirmed.',
    });
  });

  it('contains no secret, no digest and no id of a provider', async () => {
    const { token, code } = await readCurrentReveal(db.database, id);
    await openReveal(db.database, token);
    await submitCode(db.database, { token, code: makeWrongCode(code) });
    const key = await revealKey(db.database, id);
    const json = JSON.stringify(await readKeyDeliveries());
    for (const secret of [token, key, 'digest', 'sourceId', 'providerId']) {
      expect(json).not.toContain(secret);
    }
    for (const digits of [code, makeWrongCode(code)]) expect(containsCode(json, digits)).toBe(false);
  });

  it('shows why a message is delayed, and when it is retried', async () => {
    const failure = 'The provider did not respond.';
    const nextAttemptAt = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000);
    await db.pool.query(
      'update messages set attempts = 3, failure = $2, next_attempt_at = $3 where id = $1',
      [await readMessageId('email'), failure, nextAttemptAt],
    );
    const retried = await findEntry('Email delayed');
    expect(retried).toMatchObject({
      tone: 'problem',
      details: 'The provider did not respond. Tried 3 times.',
      nextAttemptAt: nextAttemptAt.toISOString(),
    });
    expect(await readStatus()).toMatchObject({
      text: expect.stringContaining(failure),
      nextAttemptAt: nextAttemptAt.toISOString(),
    });
    await markAccepted('email', 'smtp');
    expect(await readEntryTexts()).toContain('Email sent by the mail server (attempt 3)');
    expect((await readStatus()).tone).toBe('plain');
  });

  it('distinguishes messages that failed, were blocked, were dropped or went to the outbox', async () => {
    await abandonMessage(db.database, await readMessageId('email'), 'The address was refused.');
    await db.pool.query(
      "update messages set state = 'refused', failure = 'texts to France are turned off', ended_at = now() where id = $1",
      [await readMessageId('sms')],
    );
    expect(await findEntry('Email couldn’t be sent')).toMatchObject({
      tone: 'problem',
      details: 'The address was refused.',
    });
    expect(await findEntry('Text not sent: texts to France are turned off')).toMatchObject({
      tone: 'problem',
    });
    await letTimePass(db.database, id, '61 seconds');
    await resendMessages(db.database, administrator, { id, what: 'both' });
    expect((await readStatus()).tone).toBe('plain');
    await markAccepted('email', 'outbox');
    await letTimePass(db.database, id, '61 seconds');
    await resendMessages(db.database, administrator, { id, what: 'text' });
    expect((await readEntryTexts()).slice(4)).toEqual([
      'Ada Minister resent the email and text',
      'Sending email',
      'Sending text',
      'Email not really sent',
      'Ada Minister resent the text',
      'Sending text',
      'Text cancelled: no longer needed',
    ]);
  });

  it("shows the provider's reports, independently of the order in which they arrived", async () => {
    const shown: unknown[] = [];
    const kinds = ['delayed', 'bounced', 'delivered', 'complained', 'failed'] as const;
    for (const order of [kinds, kinds.toReversed()]) {
      id = (await createTestAccount(db.database, administrator)).id;
      const message = await markAccepted('email', 'resend');
      for (const kind of order) {
        const secondsAgo = 300 - kinds.indexOf(kind);
        await reportDelivery(db.database, message, kind, { secondsAgo, reason: `Reason ${kind}.` });
      }
      // Only the first report of each kind counts, so these change nothing.
      for (const kind of order) await reportDelivery(db.database, message, kind, { reason: 'Later.' });
      const { entries } = (await readKeyDeliveries()).current;
      shown.push(entries.map(({ text, details, tone }) => [text, details, tone]));
    }
    expect(shown[0]).toEqual(shown[1]);
    expect(shown[0]).toContainEqual([
      'Email bounced',
      'Reason bounced. Check the email address. If it’s right, resend the email.',
      'problem',
    ]);
  });

  it('distinguishes a likely mail scanner from an integrator', async () => {
    await markAccepted('email', 'resend');
    const { id: revealId, token } = await readCurrentReveal(db.database, id);
    await openReveal(db.database, token);
    const details = async () => (await findEntry('Link opened'))?.details;
    expect(await details()).toBe('Probably an email security scanner, not a person.');
    await db.pool.query("update link_openings set at = at + interval '61 seconds' where reveal_id = $1", [
      revealId,
    ]);
    expect(await details()).toBe('No activity on the page yet.');
    await db.pool.query('update link_openings set at = now(), touched_at = now() where reveal_id = $1', [
      revealId,
    ]);
    expect(await details()).toBeNull();
  });

  it('shows requested codes, a locked link and an expired link', async () => {
    const { token } = await readCurrentReveal(db.database, id);
    for (let round = 0; round < 5; round += 1) {
      await letTimePass(db.database, id, '31 seconds');
      if (round > 0) await requestNewCode(db.database, token);
      const { code } = await readCurrentReveal(db.database, id);
      for (let offset = 1; offset <= 5; offset += 1) {
        await submitCode(db.database, { token, code: makeWrongCode(code, offset) });
      }
    }
    const all = await readEntryTexts();
    expect(all.filter((text) => text === 'Wrong code entered')).toHaveLength(25);
    expect(all.filter((text) => text === 'The company asked for a new code')).toHaveLength(4);
    expect(all.at(-1)).toBe('Locked after too many wrong codes');
    expect((await readKeyDeliveries()).resendAvailability).toBeNull();
    await resetApiKey(db.database, administrator, { id });
    await letTimePass(db.database, id, '24 hours 1 second');
    expect((await readEntryTexts()).filter((text) => text === 'Link expired')).toHaveLength(1);
    expect((await readStatus()).text).toBe(
      'The link expired before the company used it. Reset the key to send a new one.',
    );
  });
});
