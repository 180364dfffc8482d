import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  letTimePass,
  presentReveal,
  revealKey,
  testAccount,
  testAdministrator,
  wrongCode,
} from '#lib/testing/accounts.ts';
import { RESENDS_PER_LINK } from './limits.ts';
import { requestNewCode } from './request-new-code.ts';
import { resendMessages } from './resend.ts';
import type { ResendRequest } from './schema.ts';
import { submitCode } from './submit-code.ts';

let test: TestDatabase;
let administrator: Administrator;
let id: string;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
});
afterAll(() => test.drop());

/** An account whose messages were queued so long ago. */
async function start(interval = '61 seconds') {
  id = (await testAccount(test.database, administrator)).id;
  await letTimePass(test.database, id, interval);
  return presentReveal(test.database, id);
}

const again = (what: ResendRequest) => resendMessages(test.database, administrator, { id, what });

async function messagesOf(revealId: string) {
  const rows = await test.database
    .select({ kind: messages.kind, state: messages.state, codeGeneration: messages.codeGeneration })
    .from(messages)
    .where(eq(messages.revealId, revealId))
    .orderBy(asc(messages.id));
  const of = (kind: string) => rows.filter((row) => row.kind === kind);
  return { emails: of('reveal_link'), texts: of('code') };
}

const jobsOf = async (revealId: string) =>
  (
    await test.pool.query(
      `select 1 from pgboss.job where (data->>'messageId')::uuid in (select id from messages where reveal_id = $1)`,
      [revealId],
    )
  ).rowCount;

const actsOf = async () =>
  (
    await test.pool.query(
      `select user_id, details from audit_events where account_id = $1 and act = 'reveal.sent_again' order by id`,
      [id],
    )
  ).rows;

describe('resendMessages', () => {
  it('sends the same link once more, drops the email that still waits, and is on record', async () => {
    const before = await start();
    expect(await again('email')).toEqual({ ok: true, email: { sent: true }, text: null });
    const { emails, texts } = await messagesOf(before.id);
    expect(emails.map(({ state }) => state)).toEqual(['dropped', 'queued']);
    expect(texts).toEqual([{ kind: 'code', state: 'queued', codeGeneration: 1 }]);
    expect(await jobsOf(before.id)).toBe(3);
    const details = { revealId: before.id, what: 'email' };
    expect(await actsOf()).toEqual([{ user_id: administrator.userId, details }]);
    const after = await presentReveal(test.database, id);
    expect(after).toMatchObject({ token: before.token, code: before.code, emailsSentAgain: 1 });
    await revealKey(test.database, id);
  });

  it('texts a new code: tries with it start anew, those with the link stay, and the one before is dead', async () => {
    const before = await start();
    for (const offset of [1, 2]) {
      await submitCode(test.database, { token: before.token, code: wrongCode(before.code, offset) });
    }
    expect(await again('text')).toEqual({ ok: true, email: null, text: { sent: true } });
    const { emails, texts } = await messagesOf(before.id);
    expect(emails).toHaveLength(1);
    expect(texts.map(({ state, codeGeneration }) => [state, codeGeneration])).toEqual([
      ['dropped', 1],
      ['queued', 2],
    ]);
    const after = await presentReveal(test.database, id);
    expect(after).toMatchObject({ codeTries: 0, linkTries: 2, newCodes: 0, textsSentAgain: 1 });
    expect(await submitCode(test.database, before)).toMatchObject({ ok: false, reason: 'wrong' });
    expect(await submitCode(test.database, after)).toMatchObject({ ok: true });
  });

  it('leaves alone what went out already', async () => {
    const { id: revealId } = await start();
    await test.pool.query(`update messages set state = 'sent', ended_at = now() where reveal_id = $1`, [
      revealId,
    ]);
    await again('both');
    const { emails, texts } = await messagesOf(revealId);
    expect([...emails, ...texts].map(({ state }) => state)).toEqual(['sent', 'queued', 'sent', 'queued']);
    expect(await actsOf()).toMatchObject([{ details: { what: 'both' } }]);
  });

  it.each<[ResendRequest, number]>([
    ['email', 1],
    ['text', 1],
    ['both', 2],
  ])('asked for %s fifty times at once, it is sent once', async (what, sent) => {
    const { id: revealId } = await start();
    const results = await Promise.all(Array.from({ length: 50 }, () => again(what)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const { emails, texts } = await messagesOf(revealId);
    expect(emails.length + texts.length).toBe(2 + sent);
    expect(await actsOf()).toHaveLength(1);
  });

  it('tells each part apart: the text goes, the email has to wait', async () => {
    await start('31 seconds');
    const result = await again('both');
    expect(result).toMatchObject({ ok: true, email: { reason: 'too_soon' }, text: { sent: true } });
    const { email } = result as Extract<typeof result, { ok: true }>;
    const seconds = email && 'seconds' in email ? email.seconds : 0;
    expect(seconds).toBeGreaterThan(20);
    expect(seconds).toBeLessThanOrEqual(29);
    expect(await actsOf()).toMatchObject([{ details: { what: 'text' } }]);
  });

  it('waits 60 seconds after an email, 30 after a text, whoever asked for that', async () => {
    // Ten seconds before each limit, so that a busy machine does not reach it.
    const { token } = await start('20 seconds');
    expect(await again('both')).toMatchObject({
      reason: 'not_sent',
      email: { reason: 'too_soon' },
      text: { reason: 'too_soon', seconds: expect.toSatisfy((seconds) => seconds > 0 && seconds <= 10) },
    });
    await letTimePass(test.database, id, '11 seconds');
    await requestNewCode(test.database, token);
    expect(await again('text')).toMatchObject({ text: { sent: false, reason: 'too_soon' } });
    await letTimePass(test.database, id, '19 seconds');
    expect(await again('email')).toMatchObject({
      email: { reason: 'too_soon', seconds: expect.toSatisfy((seconds) => seconds > 0 && seconds <= 10) },
    });
    expect(await actsOf()).toEqual([]);
  });

  it('makes an integrator who asks for a new code wait as well', async () => {
    const { token } = await start();
    await again('text');
    expect(await requestNewCode(test.database, token)).toMatchObject({ reason: 'too_soon' });
  });

  it('is done five times for a link, and then says so', async () => {
    const { id: revealId } = await start();
    for (let round = 1; round <= RESENDS_PER_LINK; round += 1) {
      expect(await again('both')).toMatchObject({ email: { sent: true }, text: { sent: true } });
      await letTimePass(test.database, id, '61 seconds');
    }
    const part = { sent: false, reason: 'none_left' };
    expect(await again('both')).toEqual({ ok: false, reason: 'not_sent', email: part, text: part });
    const { emails, texts } = await messagesOf(revealId);
    expect([emails.length, texts.length]).toEqual([6, 6]);
  });

  it.each<[string, (reveal: { id: string }) => Promise<unknown>]>([
    ['was shown', () => revealKey(test.database, id)],
    ['has expired', () => letTimePass(test.database, id, '24 hours')],
    [
      'is out of tries',
      ({ id: revealId }) => test.pool.query('update reveals set link_tries = 25 where id = $1', [revealId]),
    ],
    ['is of no account at all', async () => (id = '019ac000-0000-7000-8000-000000000000')],
  ])('sends nothing where the reveal %s', async (_, end) => {
    const reveal = await start();
    await end(reveal);
    expect(await again('both')).toEqual({ ok: false, reason: 'not_under_way' });
    const { emails, texts } = await messagesOf(reveal.id);
    expect([emails.length, texts.length]).toEqual([1, 1]);
  });

  it('raced by a reset sends nothing more of the old reveal', async () => {
    for (let round = 0; round < 10; round += 1) {
      const before = await start();
      await Promise.all([again('both'), resetApiKey(test.database, administrator, { id }), again('both')]);
      const after = await presentReveal(test.database, id);
      expect(after).toMatchObject({ emailsSentAgain: 0, textsSentAgain: 0 });
      expect(await messagesOf(after.id)).toMatchObject({ emails: [{}], texts: [{}] });
      const acts = await actsOf();
      expect(acts.length).toBeLessThanOrEqual(1);
      const { emails, texts } = await messagesOf(before.id);
      expect([emails.length, texts.length]).toEqual([1 + acts.length, 1 + acts.length]);
      expect(acts.every(({ details }) => details.revealId === before.id)).toBe(true);
    }
  });
});
