import { and, eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { readSmsCount, setSmsPolicy } from '#lib/testing/sms.ts';
import { NEW_CODES_PER_LINK } from './limits.ts';
import { openReveal } from './open.ts';
import { requestNewCode } from './request-new-code.ts';
import { submitCode } from './submit-code.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

const readSms = (revealId: string) =>
  db.database
    .select()
    .from(messages)
    .where(and(eq(messages.revealId, revealId), eq(messages.channel, 'sms')));

describe('requestNewCode', () => {
  it('refuses a new code within 30 seconds of the last one', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { id, token } = await readCurrentReveal(db.database, account.id);
    await letTimePass(db.database, account.id, '29 seconds');
    expect(await requestNewCode(db.database, token)).toMatchObject({ ok: false, reason: 'too_soon' });
    expect(await readSms(id)).toHaveLength(1);
  });

  it('invalidates the previous code', async () => {
    const account = await createTestAccount(db.database, administrator);
    const before = await readCurrentReveal(db.database, account.id);
    await letTimePass(db.database, account.id, '31 seconds');
    expect(await requestNewCode(db.database, before.token)).toMatchObject({ ok: true });
    const after = await readCurrentReveal(db.database, account.id);
    expect(after.codeGeneration).toBe(before.codeGeneration + 1);
    expect(await submitCode(db.database, before)).toMatchObject({ ok: false, reason: 'replaced_code' });
    expect(await submitCode(db.database, after)).toMatchObject({ ok: true });
  });

  it('queues one SMS for many concurrent requests', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { id, token } = await readCurrentReveal(db.database, account.id);
    await letTimePass(db.database, account.id, '31 seconds');
    const request = () => requestNewCode(db.database, token);
    // On a busy machine, some requests time out while they wait for a connection. They queue no SMS either.
    await Promise.allSettled(Array.from({ length: atScale({ normal: 100, soak: 1_000 }) }, request));
    expect(await readSms(id)).toHaveLength(2);
  });

  it('issues at most five new codes per link', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { id, token } = await readCurrentReveal(db.database, account.id);
    for (let round = 1; round <= NEW_CODES_PER_LINK; round += 1) {
      await letTimePass(db.database, account.id, '31 seconds');
      const results = await Promise.all([
        requestNewCode(db.database, token),
        requestNewCode(db.database, token),
      ]);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
    }
    await letTimePass(db.database, account.id, '31 seconds');
    expect(await requestNewCode(db.database, token)).toMatchObject({
      ok: false,
      reason: 'no_codes_left',
      view: { newCodesLeft: 0 },
    });
    expect(await readSms(id)).toHaveLength(1 + NEW_CODES_PER_LINK);
  });

  it('says when a used link was used, and that a replaced one is invalid', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { id, token, code } = await readCurrentReveal(db.database, account.id);
    await submitCode(db.database, { token, code });
    await letTimePass(db.database, account.id, '31 seconds');
    // A response with the key may have been lost, so the page must not say that the link does not work.
    const refused = await requestNewCode(db.database, token);
    expect(refused).toEqual({ ok: false, reason: 'used', usedAt: expect.any(String) });
    expect(refused).toEqual(await openReveal(db.database, token));
    expect(await readSms(id)).toHaveLength(1);
    await resetApiKey(db.database, administrator, { id: account.id });
    expect(await requestNewCode(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
  });
});

describe('requestNewCode when the SMS policy blocks the SMS', () => {
  const blockSms = () => setSmsPolicy(db.database, { perDay: 0 });
  const allowSms = () => setSmsPolicy(db.database, {});

  afterEach(allowSms);

  it('consumes nothing and keeps the current code valid', async () => {
    const { id } = await createTestAccount(db.database, administrator);
    await letTimePass(db.database, id, '31 seconds');
    const before = await readCurrentReveal(db.database, id);
    await blockSms();
    const refused = await requestNewCode(db.database, before.token);
    expect(refused).toMatchObject({
      reason: 'sms_blocked',
      view: { newCodesLeft: 5, isSmsBlocked: false, newCodeBlock: { until: null } },
    });
    expect(await readCurrentReveal(db.database, id)).toEqual(before);
    // The current code is still valid, so the list shows no problem.
    expect((await readSummary(db.database, id))?.smsBlockedReason).toBeNull();
    expect(await submitCode(db.database, before)).toMatchObject({ ok: true });
  });

  it.each([
    ['all accounts', { perDay: 1 }],
    ['the account', { perAccountPerDay: 1 }],
  ])('returns before and after the request when the daily limit of %s starts again', async (_, policy) => {
    const { id } = await createTestAccount(db.database, administrator);
    const { token } = await readCurrentReveal(db.database, id);
    await letTimePass(db.database, id, '31 seconds');
    await setSmsPolicy(db.database, policy);
    const { rows } = await db.pool.query(
      "select (((now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC') as midnight",
    );
    const view = { newCodeBlock: { until: rows[0].midnight.toISOString().replace('.000', '') } };
    expect(await openReveal(db.database, token)).toMatchObject({ ok: true, view });
    expect(await requestNewCode(db.database, token)).toMatchObject({ reason: 'sms_blocked', view });
    await allowSms();
    expect(await openReveal(db.database, token)).toMatchObject({ view: { newCodeBlock: null } });
  });

  it('stores one blocked SMS for many requests, and queues the next SMS that is allowed', async () => {
    const { id } = await createTestAccount(db.database, administrator);
    const { id: revealId, token } = await readCurrentReveal(db.database, id);
    await letTimePass(db.database, id, '31 seconds');
    await blockSms();
    for (let round = 1; round <= 2; round += 1) {
      const requests = Array.from({ length: 20 }, () => requestNewCode(db.database, token));
      expect(
        (await Promise.all(requests)).every((each) => 'reason' in each && each.reason === 'sms_blocked'),
      ).toBe(true);
    }
    const sms = await readSms(revealId);
    expect(sms.filter(({ state }) => state === 'refused')).toHaveLength(1);
    expect(await readSmsCount(db.database, id)).toEqual({ queued: 1, refused: 40 });
    await allowSms();
    expect(await requestNewCode(db.database, token)).toMatchObject({
      ok: true,
      view: { isSmsBlocked: false },
    });
    expect((await readSummary(db.database, id))?.smsBlockedReason).toBeNull();
  });

  it('reports that the first SMS was blocked as well, until a later SMS is queued', async () => {
    await blockSms();
    const { id } = await createTestAccount(db.database, administrator);
    const { token } = await readCurrentReveal(db.database, id);
    expect(await openReveal(db.database, token)).toMatchObject({ view: { isSmsBlocked: true } });
    await letTimePass(db.database, id, '31 seconds');
    expect(await requestNewCode(db.database, token)).toMatchObject({ view: { isSmsBlocked: true } });
    await allowSms();
    expect(await requestNewCode(db.database, token)).toMatchObject({
      ok: true,
      view: { isSmsBlocked: false },
    });
    expect(await submitCode(db.database, await readCurrentReveal(db.database, id))).toMatchObject({
      ok: true,
    });
  });

  it('returns too_soon for a request that is also too soon, and counts no SMS', async () => {
    const { id } = await createTestAccount(db.database, administrator);
    const { token } = await readCurrentReveal(db.database, id);
    await blockSms();
    expect(await requestNewCode(db.database, token)).toMatchObject({ reason: 'too_soon' });
    expect(await readSmsCount(db.database, id)).toEqual({ queued: 1, refused: 0 });
  });
});
