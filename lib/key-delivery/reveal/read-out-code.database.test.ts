import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { readTimeline } from '#lib/key-delivery/timeline/read.ts';
import { abandonMessage } from '#lib/notifications/delivery/attempt.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  makeWrongCode,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { readNewestMessageId } from '#lib/testing/messages.ts';
import { READ_OUTS_PER_HOUR } from './limits.ts';
import { openReveal } from './open.ts';
import { readOutCode } from './read-out-code.ts';
import { requestNewCode } from './request-new-code.ts';
import { resendMessages } from './resend.ts';
import { submitCode } from './submit-code.ts';

let db: TestDatabase;
let administrator: Administrator;
let id: string;
let revealId: string;

beforeAll(async () => {
  db = await createTestDatabase();
});
beforeEach(async () => {
  administrator = await createTestAdministrator(db.database);
  id = (await createTestAccount(db.database, administrator)).id;
  revealId = (await readCurrentReveal(db.database, id)).id;
});
afterAll(() => db.drop());

const readOut = (requestId: string = randomUUID(), by = administrator) =>
  readOutCode(db.database, by, { id, revealId, requestId });

async function readOutSuccessfully(requestId?: string) {
  const result = await readOut(requestId);
  if (!result.ok) throw new Error(result.reason);
  return result;
}

async function openPage() {
  const opened = await openReveal(db.database, (await readCurrentReveal(db.database, id)).token);
  if (!opened.ok) throw new Error(opened.reason);
  return opened.view;
}

const readEvents = async () =>
  (
    await db.pool.query(
      `select action, user_id, address, details from audit_events
       where account_id = $1 and action like 'reveal.code_read_out%' order by id`,
      [id],
    )
  ).rows;

async function readSmsStates() {
  const { rows } = await db.pool.query<{ state: string }>(
    `select state from messages where reveal_id = $1 and kind = 'code' order by id`,
    [revealId],
  );
  return rows.map(({ state }) => state);
}

describe('readOutCode', () => {
  it('returns a code that shows the key for ten minutes, and records who got it', async () => {
    const before = await readCurrentReveal(db.database, id);
    await submitCode(db.database, { token: before.token, code: makeWrongCode(before.code) });
    const result = await readOutSuccessfully();
    const after = await readCurrentReveal(db.database, id);
    expect(result.code).toBe(after.code);
    expect(Date.parse(result.expiresAt) - Date.parse(result.now)).toBe(600_000);
    // The code has all its attempts; those of the link are not reset.
    expect(after).toMatchObject({
      codeGeneration: 2,
      codeAttempts: 0,
      linkAttempts: 1,
      newCodes: 0,
      smsResent: 0,
    });
    const { userId, ipAddress } = administrator;
    expect(await readEvents()).toEqual([
      { action: 'reveal.code_read_out', user_id: userId, address: ipAddress, details: { revealId } },
    ]);
    await letTimePass(db.database, id, '9 minutes 50 seconds');
    expect(await submitCode(db.database, { token: after.token, code: result.code })).toMatchObject({
      ok: true,
    });
  });

  it('expires after ten minutes, and allows five attempts', async () => {
    const { code } = await readOutSuccessfully();
    const { token } = await readCurrentReveal(db.database, id);
    for (const offset of [1, 2, 3, 4, 5])
      await submitCode(db.database, { token, code: makeWrongCode(code, offset) });
    expect(await submitCode(db.database, { token, code })).toMatchObject({ reason: 'too_many_attempts' });
    await letTimePass(db.database, id, '601 seconds');
    expect(await submitCode(db.database, { token, code })).toMatchObject({ reason: 'code_expired' });
  });

  it('invalidates the code of the SMS, and drops an SMS that was not sent yet', async () => {
    const { token, code } = await readCurrentReveal(db.database, id);
    await readOutSuccessfully();
    expect(await readSmsStates()).toEqual(['dropped']);
    expect(await submitCode(db.database, { token, code })).toMatchObject({
      reason: 'replaced_code',
      view: { isCodeByPhone: true },
    });
  });

  it('tells the page that the code comes by phone, until a code is sent by SMS', async () => {
    expect(await openPage()).toMatchObject({ isCodeByPhone: false });
    const { expiresAt } = await readOutSuccessfully();
    expect(await openPage()).toMatchObject({
      isCodeByPhone: true,
      isSmsBlocked: false,
      phoneEnd: '456',
      codeExpiresAt: expiresAt,
    });
    await letTimePass(db.database, id, '31 seconds');
    await requestNewCode(db.database, (await readCurrentReveal(db.database, id)).token);
    expect(await openPage()).toMatchObject({ isCodeByPhone: false });
  });

  it('returns one code per link, also to concurrent requests', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => readOut()));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.filter((result) => !result.ok && result.reason === 'already_read_out')).toHaveLength(9);
    // Not even after another code was sent.
    await letTimePass(db.database, id, '31 seconds');
    await resendMessages(db.database, administrator, { id, what: 'text' });
    expect(await readOut()).toEqual({ ok: false, reason: 'already_read_out' });
    expect(await readEvents()).toHaveLength(1);
    await resetApiKey(db.database, administrator, { id });
    revealId = (await readCurrentReveal(db.database, id)).id;
    expect(await readOut()).toMatchObject({ ok: true });
  });

  it('returns the same code to the same request for two minutes, while it is the current one', async () => {
    const requestId = randomUUID();
    const first = await readOutSuccessfully(requestId);
    const { code, expiresAt } = first;
    expect(await readOut(requestId)).toMatchObject({ ok: true, code, expiresAt });
    expect((await readEvents()).map(({ action }) => action)).toEqual([
      'reveal.code_read_out',
      'reveal.code_read_out_again',
    ]);
    await letTimePass(db.database, id, '121 seconds');
    expect(await readOut(requestId)).toEqual({ ok: false, reason: 'already_read_out' });
  });

  it('does not return a code to the same request after a newer one was sent', async () => {
    const requestId = randomUUID();
    await readOutSuccessfully(requestId);
    await letTimePass(db.database, id, '31 seconds');
    await resendMessages(db.database, administrator, { id, what: 'text' });
    expect(await readOut(requestId)).toEqual({ ok: false, reason: 'already_read_out' });
  });

  it('requires recent authentication', async () => {
    const stale = { ...administrator, hasRecentAuth: false };
    expect(await readOut(randomUUID(), stale)).toEqual({ ok: false, reason: 'reauthentication_required' });
    expect(await readEvents()).toEqual([]);
  });

  it('is refused if the key was collected, the link is locked or has expired, or a newer one was sent', async () => {
    const refused = { ok: false, reason: 'not_in_progress' };
    await db.pool.query(`update reveals set link_attempts = 25 where id = $1`, [revealId]);
    expect(await readOut()).toEqual(refused);
    await db.pool.query(`update reveals set link_attempts = 0 where id = $1`, [revealId]);
    await letTimePass(db.database, id, '24 hours');
    expect(await readOut()).toEqual(refused);
    await letTimePass(db.database, id, '-24 hours');
    await revealKey(db.database, id);
    expect(await readOut()).toEqual(refused);
    await resetApiKey(db.database, administrator, { id });
    expect(await readOut()).toEqual({ ok: false, reason: 'replaced' });
    expect(
      await readOutCode(db.database, administrator, { id: revealId, revealId, requestId: randomUUID() }),
    ).toEqual(refused);
    expect(await readEvents()).toEqual([]);
  });

  it('is limited per administrator', async () => {
    await db.pool.query('delete from rate_limits');
    for (let count = 1; count < READ_OUTS_PER_HOUR; count += 1) await readOut(randomUUID());
    expect(await readOut()).toMatchObject({ reason: 'already_read_out' });
    expect(await readOut()).toEqual({
      ok: false,
      reason: 'rate_limited',
      retryAfterSeconds: expect.any(Number),
    });
    expect(await readOut(randomUUID(), await createTestAdministrator(db.database))).toMatchObject({
      reason: 'already_read_out',
    });
  });

  it('appears in the timeline, and ends that an SMS which did not arrive is a problem', async () => {
    await abandonMessage(
      db.database,
      await readNewestMessageId(db.database, id, 'sms'),
      'The number is wrong.',
    );
    const readProblems = async () => (await readSummary(db.database, id))?.deliveryProblems.length;
    const readCurrent = async () => (await readTimeline(db.database, administrator, { id }))?.current;
    expect(await readProblems()).toBe(1);
    expect(await readCurrent()).toMatchObject({ codeReadOut: null, status: { tone: 'problem' } });
    await readOutSuccessfully();
    expect(await readProblems()).toBe(0);
    const current = await readCurrent();
    expect(current).toMatchObject({ codeReadOut: 'current', status: { tone: 'plain' } });
    expect(current?.entries.at(-1)).toMatchObject({
      kind: 'read_out',
      text: 'Ada Minister got a code to read out by phone',
      details: 'Earlier codes no longer work.',
    });
    await letTimePass(db.database, id, '31 seconds');
    await resendMessages(db.database, administrator, { id, what: 'text' });
    expect(await readCurrent()).toMatchObject({ codeReadOut: 'replaced' });
    await abandonMessage(
      db.database,
      await readNewestMessageId(db.database, id, 'sms'),
      'The number is wrong.',
    );
    expect(await readProblems()).toBe(1);
    expect(await readCurrent()).toMatchObject({ status: { tone: 'problem' } });
  });
});
