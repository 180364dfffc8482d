import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/auth/roles.ts';
import { markFailed, markSent, noteFailedAttempt } from '#lib/deliveries/finish-attempt.ts';
import { openReveal } from '#lib/reveals/open.ts';
import { requestNewCode } from '#lib/reveals/request-new-code.ts';
import { sendAgain } from '#lib/reveals/send-again.ts';
import { submitCode } from '#lib/reveals/submit-code.ts';
import { touchOpening } from '#lib/reveals/touch-opening.ts';
import {
  letTimePass,
  presentReveal,
  revealKey,
  testAccount,
  testAdministrator,
  wrongCode,
} from '#lib/testing/accounts.ts';
import { readTimeline } from './read.ts';

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

async function read() {
  const timeline = await readTimeline(test.database, administrator, { id });
  if (!timeline?.present) throw new Error('no hand-over');
  return { ...timeline, present: timeline.present };
}
const words = async () => (await read()).present.entries.map((entry) => entry.words);
const entry = async (start: string) =>
  (await read()).present.entries.find((each) => each.words.startsWith(start));
const standing = async () => (await read()).present.standing;

async function newest(channel: 'email' | 'sms'): Promise<string> {
  const { id: revealId } = await presentReveal(test.database, id);
  const { rows } = await test.pool.query<{ id: string }>(
    'select id from messages where reveal_id = $1 and channel = $2 order by id desc limit 1',
    [revealId, channel],
  );
  return rows[0]?.id ?? '';
}
const sent = async (channel: 'email' | 'sms', provider: 'resend' | 'smtp' | 'sns' | 'twilio' | 'outbox') =>
  markSent(test.database, await newest(channel), { provider, providerId: 'x' });

async function report(messageId: string, kind: string, secondsAgo = 0, reason: string | null = null) {
  await test.pool.query(
    `insert into delivery_reports (id, message_id, kind, at, reason, source_id)
      values ($1, $2, $3, now() - make_interval(secs => $4), $5, $6)`,
    [uuidv7(), messageId, kind, secondsAgo, reason, uuidv7()],
  );
}

describe('a hand-over', () => {
  it('is told from its start to the key', async () => {
    expect(await words()).toEqual([
      'Started: Ada Minister created the account',
      'Email queued',
      'Text queued',
    ]);
    await sent('email', 'resend');
    await report(await newest('email'), 'delivered');
    await sent('sms', 'sns');
    const { token, code } = await presentReveal(test.database, id);
    const opened = await openReveal(test.database, token);
    if (!opened.ok || !opened.opening) throw new Error('not opened');
    await touchOpening(test.database, { token, opening: opened.opening });
    await submitCode(test.database, { token, code: wrongCode(code) });
    await revealKey(test.database, id);
    expect((await words()).slice(3)).toEqual([
      'Email accepted by Resend',
      'Email delivered to the mailbox',
      'Text accepted by Amazon SNS',
      'Link opened',
      'Wrong code entered',
      'API key shown',
    ]);
    expect(await read()).toMatchObject({ sendAgain: null, earlier: [], present: { state: 'shown' } });
    expect(await entry('Email accepted')).toMatchObject({ more: null });
    expect(await entry('Text accepted')).toMatchObject({
      more: 'Whether it reached the phone is not known.',
    });
  });

  it('holds no secret, no digest and nothing that is not named', async () => {
    const { token, code } = await presentReveal(test.database, id);
    await openReveal(test.database, token);
    await submitCode(test.database, { token, code: wrongCode(code) });
    const key = await revealKey(test.database, id);
    const told = JSON.stringify(await read());
    for (const secret of [token, code, wrongCode(code), key, 'digest', 'sourceId', 'providerId']) {
      expect(told).not.toContain(secret);
    }
  });

  it('says why a message waits, and when it is tried again', async () => {
    const failure = 'The provider did not answer.';
    await noteFailedAttempt(test.database, await newest('email'), failure);
    await test.pool.query(
      "update messages set attempts = 3, next_attempt_at = now() + interval '1 hour' where id = $1",
      [await newest('email')],
    );
    const again = await entry('Email queued, and being tried again');
    expect(again).toMatchObject({
      tone: 'problem',
      more: expect.stringMatching(/^The provider did not answer. Tried 3 times. Next try at [\d:]{8} UTC.$/),
    });
    expect((await standing()).words).toContain(failure);
    await sent('email', 'smtp');
    expect(await words()).toContain('Email accepted by the mail server, at try 3');
    expect((await standing()).tone).toBe('plain');
  });

  it('says so where nothing takes the messages up', async () => {
    await test.pool.query(
      "update messages set created_at = now() - interval '31 seconds' where reveal_id = (select reveal_id from api_accounts where id = $1)",
      [id],
    );
    await letTimePass(test.database, id, '31 seconds');
    expect((await standing()).words).toContain('worker');
  });

  it('tells failed, refused, dropped and written to the outbox apart', async () => {
    await markFailed(test.database, await newest('email'), 'The address was refused.');
    await test.pool.query(
      "update messages set state = 'refused', failure = 'Texts to that country are not allowed.', ended_at = now() where id = $1",
      [await newest('sms')],
    );
    expect(await entry('Email could not be sent')).toMatchObject({
      tone: 'problem',
      more: 'The address was refused.',
    });
    expect(await entry('Text not sent: our own rules')).toMatchObject({ tone: 'problem' });
    await letTimePass(test.database, id, '61 seconds');
    await sendAgain(test.database, administrator, { id, what: 'both' });
    expect((await standing()).tone).toBe('plain');
    await sent('email', 'outbox');
    await letTimePass(test.database, id, '61 seconds');
    await sendAgain(test.database, administrator, { id, what: 'text' });
    expect((await words()).slice(5)).toEqual([
      'Email and text sent again by Ada Minister',
      'Email queued',
      'Text queued',
      'Email written to the outbox',
      'Text sent again by Ada Minister',
      'Text queued',
      'Text not sent: it was no longer needed',
    ]);
  });

  it('shows what a provider reported, in whatever order it came', async () => {
    const told: unknown[] = [];
    const kinds = ['delayed', 'bounced', 'delivered', 'complained', 'failed'];
    for (const order of [kinds, kinds.toReversed()]) {
      id = (await testAccount(test.database, administrator)).id;
      await sent('email', 'resend');
      const message = await newest('email');
      for (const kind of order) await report(message, kind, 300 - kinds.indexOf(kind), `Reason ${kind}.`);
      for (const kind of order) await report(message, kind, 0, 'Later.');
      const { entries } = (await read()).present;
      told.push(entries.map(({ words: said, more, tone }) => [said, more, tone]));
    }
    expect(told[0]).toEqual(told[1]);
    expect(told[0]).toContainEqual([
      'Email came back',
      'Reason bounced. Check the email address; if it is right, send the email again.',
      'problem',
    ]);
  });

  it('tells a mail scanner from a person', async () => {
    await sent('email', 'resend');
    const { id: revealId, token } = await presentReveal(test.database, id);
    await openReveal(test.database, token);
    const more = async () => (await entry('Link opened'))?.more;
    expect(await more()).toContain('mail scanner');
    await test.pool.query("update link_openings set at = at + interval '61 seconds' where reveal_id = $1", [
      revealId,
    ]);
    expect(await more()).toBe('Nobody has touched the page.');
    await test.pool.query('update link_openings set at = now(), touched_at = now() where reveal_id = $1', [
      revealId,
    ]);
    expect(await more()).toBeNull();
  });

  it('shows new codes, a locked link and an expired one', async () => {
    const { token } = await presentReveal(test.database, id);
    for (let round = 0; round < 5; round += 1) {
      await letTimePass(test.database, id, '31 seconds');
      if (round > 0) await requestNewCode(test.database, token);
      const { code } = await presentReveal(test.database, id);
      for (let offset = 1; offset <= 5; offset += 1) {
        await submitCode(test.database, { token, code: wrongCode(code, offset) });
      }
    }
    const all = await words();
    expect(all.filter((said) => said === 'Wrong code entered')).toHaveLength(25);
    expect(all.filter((said) => said.startsWith('New code asked for'))).toHaveLength(4);
    expect(all.at(-1)).toBe('Locked: too many wrong codes');
    expect((await read()).sendAgain).toBeNull();
    await resetApiKey(test.database, administrator, { id });
    await letTimePass(test.database, id, '24 hours 1 second');
    expect((await words()).filter((said) => said === 'Link expired')).toHaveLength(1);
    expect((await standing()).words).toContain('Reset the API key');
  });
});

describe('the hand-overs of an account', () => {
  it('say why each began and how it ended, newest first, eleven at most', async () => {
    const { email, phone, version } = (await readSummary(test.database, id)) ?? {};
    const input = { id, email: `x${email}`, phone: phone ?? '', version: version ?? 0, active: true };
    await updateApiAccount(test.database, administrator, input);
    for (let round = 0; round < 12; round += 1) await resetApiKey(test.database, administrator, { id });
    const { present, earlier } = await read();
    expect(present.entries[0]?.words).toBe('Started: Ada Minister reset the API key');
    expect(present.email).toBe(`x${email}`);
    expect(earlier).toHaveLength(10);
    expect(earlier.every(({ state }) => state === 'replaced')).toBe(true);
    const starts = [present, ...earlier].map(({ startedAt }) => startedAt);
    expect(starts).toEqual(starts.toSorted().toReversed());
  });

  it('tell a correction', async () => {
    const { email, phone, version } = (await readSummary(test.database, id)) ?? {};
    const input = { id, email: `x${email}`, phone: phone ?? '', version: version ?? 0, active: true };
    await updateApiAccount(test.database, administrator, input);
    const { present, earlier } = await read();
    expect(present.entries[0]?.words).toBe('Started: Ada Minister corrected the address or the number');
    expect(earlier[0]?.entries.at(-1)?.words).toBe('Replaced by a newer link and code');
    expect(earlier[0]?.email).toBe(email);
  });

  it('are nothing of another account, and nothing where there is none', async () => {
    const mine = (await read()).present.id;
    id = (await testAccount(test.database, administrator)).id;
    expect((await read()).present.id).not.toBe(mine);
    expect(await readTimeline(test.database, administrator, { id: uuidv7() })).toBeNull();
  });

  it('say from when each message can be sent again, and how often', async () => {
    const { readAt, sendAgain: again, present } = await read();
    expect(Date.parse(again?.email.at ?? '') - Date.parse(present.startedAt)).toBe(60_000);
    expect(Date.parse(again?.text.at ?? '') - Date.parse(present.startedAt)).toBe(30_000);
    expect(again).toMatchObject({ email: { left: 5 }, text: { left: 5 } });
    expect(Date.parse(readAt)).toBeGreaterThanOrEqual(Date.parse(present.startedAt));
  });
});
