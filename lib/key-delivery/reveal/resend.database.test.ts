import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  makeWrongCode,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { RESENDS_PER_LINK } from './limits.ts';
import { requestNewCode } from './request-new-code.ts';
import { resendMessages } from './resend.ts';
import type { ResendRequest } from './schema.ts';
import { submitCode } from './submit-code.ts';

let db: TestDatabase;
let administrator: Administrator;
let id: string;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** Creates an account whose messages were queued the given interval ago. Returns its reveal. */
async function createReveal(interval = '61 seconds') {
  id = (await createTestAccount(db.database, administrator)).id;
  await letTimePass(db.database, id, interval);
  return readCurrentReveal(db.database, id);
}

const resend = (what: ResendRequest) => resendMessages(db.database, administrator, { id, what });

async function readMessages(revealId: string) {
  const rows = await db.database
    .select({ kind: messages.kind, state: messages.state, codeGeneration: messages.codeGeneration })
    .from(messages)
    .where(eq(messages.revealId, revealId))
    .orderBy(asc(messages.id));
  const filterByKind = (kind: string) => rows.filter((row) => row.kind === kind);
  return { emails: filterByKind('reveal_link'), sms: filterByKind('code') };
}

const countJobs = async (revealId: string) =>
  (
    await db.pool.query(
      `select 1 from pgboss.job where (data->>'messageId')::uuid in (select id from messages where reveal_id = $1)`,
      [revealId],
    )
  ).rowCount;

const readResendEvents = async () =>
  (
    await db.pool.query(
      `select user_id, details from audit_events where account_id = $1 and action = 'reveal.sent_again' order by id`,
      [id],
    )
  ).rows;

describe('resendMessages', () => {
  it('requires recent authentication', async () => {
    const { id: revealId } = await createReveal();
    const stale = { ...administrator, hasRecentAuth: false };
    const before = await readMessages(revealId);
    for (const what of ['email', 'text', 'both'] as const)
      expect(await resendMessages(db.database, stale, { id, what })).toEqual({
        ok: false,
        reason: 'reauthentication_required',
      });
    expect(await readMessages(revealId)).toEqual(before);
    expect(await resend('both')).toMatchObject({ ok: true });
  });

  it('queues an email with the same link, drops the queued email, and records an audit event', async () => {
    const before = await createReveal();
    expect(await resend('email')).toEqual({ ok: true, email: { sent: true }, text: null });
    const { emails, sms } = await readMessages(before.id);
    expect(emails.map(({ state }) => state)).toEqual(['dropped', 'queued']);
    expect(sms).toEqual([{ kind: 'code', state: 'queued', codeGeneration: 1 }]);
    // Two of the start and the new one. The dropped email's job stays, and finds nothing to send.
    expect(await countJobs(before.id)).toBe(3);
    const details = { revealId: before.id, what: 'email' };
    expect(await readResendEvents()).toEqual([{ user_id: administrator.userId, details }]);
    const after = await readCurrentReveal(db.database, id);
    expect(after).toMatchObject({ token: before.token, code: before.code, emailsResent: 1 });
    await revealKey(db.database, id);
  });

  it('queues an SMS with a new code, which has all its attempts, and invalidates the previous code', async () => {
    const before = await createReveal();
    for (const offset of [1, 2]) {
      await submitCode(db.database, { token: before.token, code: makeWrongCode(before.code, offset) });
    }
    expect(await resend('text')).toEqual({ ok: true, email: null, text: { sent: true } });
    const { emails, sms } = await readMessages(before.id);
    expect(emails).toHaveLength(1);
    expect(sms.map(({ state, codeGeneration }) => [state, codeGeneration])).toEqual([
      ['dropped', 1],
      ['queued', 2],
    ]);
    const after = await readCurrentReveal(db.database, id);
    expect(after).toMatchObject({ codeAttempts: 0, linkAttempts: 2, newCodes: 0, smsResent: 1 });
    expect(await submitCode(db.database, before)).toMatchObject({ ok: false, reason: 'replaced_code' });
    expect(await submitCode(db.database, after)).toMatchObject({ ok: true });
  });

  it('does not change messages that were already sent', async () => {
    const { id: revealId } = await createReveal();
    await db.pool.query(`update messages set state = 'sent', ended_at = now() where reveal_id = $1`, [
      revealId,
    ]);
    await resend('both');
    const { emails, sms } = await readMessages(revealId);
    expect([...emails, ...sms].map(({ state }) => state)).toEqual(['sent', 'queued', 'sent', 'queued']);
    expect(await readResendEvents()).toMatchObject([{ details: { what: 'both' } }]);
  });

  it.each<[ResendRequest, number]>([
    ['email', 1],
    ['text', 1],
    ['both', 2],
  ])('queues each message once for 50 concurrent requests (%s)', async (what, sent) => {
    const { id: revealId } = await createReveal();
    const results = await Promise.all(Array.from({ length: 50 }, () => resend(what)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const { emails, sms } = await readMessages(revealId);
    expect(emails.length + sms.length).toBe(2 + sent);
    expect(await readResendEvents()).toHaveLength(1);
  });

  it('returns the result of each part if the SMS can already be resent, but not the email', async () => {
    await createReveal('31 seconds');
    const result = await resend('both');
    expect(result).toMatchObject({ ok: true, email: { reason: 'too_soon' }, text: { sent: true } });
    const { email } = result as Extract<typeof result, { ok: true }>;
    const seconds = email && 'seconds' in email ? email.seconds : 0;
    expect(seconds).toBeGreaterThan(20);
    expect(seconds).toBeLessThanOrEqual(29);
    expect(await readResendEvents()).toMatchObject([{ details: { what: 'text' } }]);
  });

  it('requires 60 seconds between emails and 30 between SMS, including those the integrator requested', async () => {
    // Stay ten seconds below each limit, so that a busy machine does not reach it.
    const { token } = await createReveal('20 seconds');
    expect(await resend('both')).toMatchObject({
      reason: 'not_sent',
      email: { reason: 'too_soon' },
      text: { reason: 'too_soon', seconds: expect.toSatisfy((seconds) => seconds > 0 && seconds <= 10) },
    });
    await letTimePass(db.database, id, '11 seconds');
    await requestNewCode(db.database, token);
    expect(await resend('text')).toMatchObject({ text: { sent: false, reason: 'too_soon' } });
    await letTimePass(db.database, id, '19 seconds');
    expect(await resend('email')).toMatchObject({
      email: { reason: 'too_soon', seconds: expect.toSatisfy((seconds) => seconds > 0 && seconds <= 10) },
    });
    expect(await readResendEvents()).toEqual([]);
  });

  it("delays the integrator's next code as well", async () => {
    const { token } = await createReveal();
    await resend('text');
    expect(await requestNewCode(db.database, token)).toMatchObject({ reason: 'too_soon' });
  });

  it('resends at most five times per link', async () => {
    const { id: revealId } = await createReveal();
    for (let round = 1; round <= RESENDS_PER_LINK; round += 1) {
      expect(await resend('both')).toMatchObject({ email: { sent: true }, text: { sent: true } });
      await letTimePass(db.database, id, '61 seconds');
    }
    const part = { sent: false, reason: 'no_resends_left' };
    expect(await resend('both')).toEqual({ ok: false, reason: 'not_sent', email: part, text: part });
    const { emails, sms } = await readMessages(revealId);
    expect([emails.length, sms.length]).toEqual([6, 6]);
  });

  it.each<[string, (reveal: { id: string }) => Promise<unknown>]>([
    ['the key was shown', () => revealKey(db.database, id)],
    ['the link has expired', () => letTimePass(db.database, id, '24 hours')],
    [
      'the link has no attempts left',
      ({ id: revealId }) => db.pool.query('update reveals set link_attempts = 25 where id = $1', [revealId]),
    ],
    ['the account is unknown', async () => (id = '019ac000-0000-7000-8000-000000000000')],
  ])('sends nothing if %s', async (_, end) => {
    const reveal = await createReveal();
    await end(reveal);
    expect(await resend('both')).toEqual({ ok: false, reason: 'not_in_progress' });
    const { emails, sms } = await readMessages(reveal.id);
    expect([emails.length, sms.length]).toEqual([1, 1]);
  });

  it('sends nothing if the administrator has seen an earlier reveal', async () => {
    const before = await createReveal();
    await resetApiKey(db.database, administrator, { id });
    await letTimePass(db.database, id, '61 seconds');
    const after = await readCurrentReveal(db.database, id);
    const resendSeen = (revealId: string) =>
      resendMessages(db.database, administrator, { id, what: 'both', revealId });
    expect(await resendSeen(before.id)).toEqual({ ok: false, reason: 'replaced' });
    const { emails, sms } = await readMessages(after.id);
    expect([emails.length, sms.length]).toEqual([1, 1]);
    expect(await resendSeen(after.id)).toMatchObject({ ok: true });
  });

  it('sends nothing for the old reveal after a concurrent reset', async () => {
    for (let round = 0; round < 10; round += 1) {
      const before = await createReveal();
      await Promise.all([resend('both'), resetApiKey(db.database, administrator, { id }), resend('both')]);
      const after = await readCurrentReveal(db.database, id);
      expect(after).toMatchObject({ emailsResent: 0, smsResent: 0 });
      expect(await readMessages(after.id)).toMatchObject({ emails: [{}], sms: [{}] });
      const events = await readResendEvents();
      expect(events.length).toBeLessThanOrEqual(1);
      const { emails, sms } = await readMessages(before.id);
      expect([emails.length, sms.length]).toEqual([1 + events.length, 1 + events.length]);
      expect(events.every(({ details }) => details.revealId === before.id)).toBe(true);
    }
  });
});
