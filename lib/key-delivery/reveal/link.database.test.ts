import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { OPENINGS_PER_LINK } from './limits.ts';
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

/** Leaves enough time for the rest of the test on a busy machine. */
const ALMOST_TEN_MINUTES = '9 minutes 15 seconds';

describe('submitCode and openReveal', () => {
  it('accept a code for ten minutes and refuse it afterwards', async () => {
    const [early, late] = [
      await createTestAccount(db.database, administrator),
      await createTestAccount(db.database, administrator),
    ];
    await letTimePass(db.database, early.id, ALMOST_TEN_MINUTES);
    await letTimePass(db.database, late.id, '10 minutes 1 second');
    await revealKey(db.database, early.id);
    const { token, code } = await readCurrentReveal(db.database, late.id);
    expect(await submitCode(db.database, { token, code })).toMatchObject({ reason: 'code_expired' });
    expect((await readCurrentReveal(db.database, late.id)).linkAttempts).toBe(0);
  });

  it('accept a link for 24 hours and refuse it afterwards', async () => {
    const [early, late] = [
      await createTestAccount(db.database, administrator),
      await createTestAccount(db.database, administrator),
    ];
    await letTimePass(db.database, early.id, '23 hours 59 minutes');
    await letTimePass(db.database, late.id, '24 hours 1 second');
    const earlyReveal = await readCurrentReveal(db.database, early.id);
    const lateReveal = await readCurrentReveal(db.database, late.id);
    expect(await openReveal(db.database, earlyReveal.token)).toMatchObject({ ok: true });
    expect(await openReveal(db.database, lateReveal.token)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await requestNewCode(db.database, lateReveal.token)).toEqual({
      ok: false,
      reason: 'invalid_link',
    });
    expect(await submitCode(db.database, lateReveal)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await readSummary(db.database, late.id)).toMatchObject({ status: 'link_expired' });
  });
});

describe('submitCode and openReveal in a process whose clock is an hour off', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([-1, 1])("follow the database's clock (%i hours)", async (hours) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
    const [early, late] = [
      await createTestAccount(db.database, administrator),
      await createTestAccount(db.database, administrator),
    ];
    await letTimePass(db.database, early.id, ALMOST_TEN_MINUTES);
    await letTimePass(db.database, late.id, '10 minutes 1 second');
    const { token, code } = await readCurrentReveal(db.database, late.id);
    expect(await submitCode(db.database, { token, code })).toMatchObject({ reason: 'code_expired' });
    expect(await openReveal(db.database, token)).toMatchObject({ ok: true });
    await revealKey(db.database, early.id);
    await letTimePass(db.database, late.id, '24 hours');
    expect(await openReveal(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
  });
});

describe('a link whose code is still valid', () => {
  it.each([
    ['has expired', 'expires_at = now()'],
    ['has no attempts left but was not recorded as locked', 'link_attempts = 25'],
  ])('is refused if it %s', async (_, change) => {
    const account = await createTestAccount(db.database, administrator);
    const { id, token, code } = await readCurrentReveal(db.database, account.id);
    // The code is more than 30 seconds old, so that only the change can be the reason to refuse a new one.
    await db.pool.query(
      `update reveals set ${change}, code_issued_at = now() - interval '31 seconds' where id = $1`,
      [id],
    );
    expect(await openReveal(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await submitCode(db.database, { token, code })).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await requestNewCode(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
    const after = await readCurrentReveal(db.database, account.id);
    expect(after).toMatchObject({ keyDigest: null, newCodes: 0, codeGeneration: 1 });
  });
});

describe('a link', () => {
  it("is refused if its reveal is not the account's current one, even if the reveal has not ended", async () => {
    const account = await createTestAccount(db.database, administrator);
    const { id, token, code } = await readCurrentReveal(db.database, account.id);
    await resetApiKey(db.database, administrator, { id: account.id });
    await db.pool.query('update reveals set ended_at = null, end_reason = null where id = $1', [id]);
    expect(await openReveal(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await submitCode(db.database, { token, code })).toEqual({ ok: false, reason: 'invalid_link' });
    expect((await readCurrentReveal(db.database, account.id)).keyDigest).toBeNull();
  });

  it('is refused if its token is forged, malformed or in padded base64', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    const flipped = `${token.slice(0, 20)}${token[20] === 'A' ? 'B' : 'A'}${token.slice(21)}`;
    for (const invalid of ['', 'x', token.slice(0, -1), `${token}A`, `${token}=`, `${token}\n`, flipped]) {
      expect(await openReveal(db.database, invalid)).toEqual({ ok: false, reason: 'invalid_link' });
      expect(await submitCode(db.database, { token: invalid, code })).toEqual({
        ok: false,
        reason: 'invalid_link',
      });
      expect(await requestNewCode(db.database, invalid)).toEqual({ ok: false, reason: 'invalid_link' });
    }
  });

  it('consumes no attempt when it is opened, or a malformed code is submitted, 100 times', async () => {
    const account = await createTestAccount(db.database, administrator);
    const before = await readCurrentReveal(db.database, account.id);
    await Promise.all(Array.from({ length: 100 }, () => openReveal(db.database, before.token)));
    await Promise.all(
      Array.from({ length: 100 }, () => submitCode(db.database, { token: before.token, code: null })),
    );
    const after = await readCurrentReveal(db.database, account.id);
    expect(after).toEqual({ ...before, openings: OPENINGS_PER_LINK });
    await revealKey(db.database, account.id);
  });

  it("is its account's only open link after 20 concurrent resets", async () => {
    const account = await createTestAccount(db.database, administrator);
    const reset = () => resetApiKey(db.database, administrator, { id: account.id });
    await Promise.all(Array.from({ length: 20 }, reset));
    const { rows } = await db.pool.query(
      'select id from reveals where account_id = $1 and ended_at is null',
      [account.id],
    );
    expect(rows).toEqual([{ id: (await readCurrentReveal(db.database, account.id)).id }]);
  });

  it('is refused with its code after a reset, and neither sends an SMS nor consumes an attempt', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { id, token, code } = await readCurrentReveal(db.database, account.id);
    // More than 30 seconds, so that the reset is the only reason to refuse a new code.
    await letTimePass(db.database, account.id, '31 seconds');
    await resetApiKey(db.database, administrator, { id: account.id });
    const readRows = async () =>
      (
        await db.pool.query(
          'select r.*, (select count(*) from messages where reveal_id = r.id) from reveals r where id = $1',
          [id],
        )
      ).rows;
    const before = await readRows();
    expect(await openReveal(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await submitCode(db.database, { token, code })).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await requestNewCode(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await readRows()).toEqual(before);
    await revealKey(db.database, account.id);
  });

  it('leaves no key if its code is submitted during a reset', async () => {
    for (let round = 0; round < 20; round += 1) {
      const account = await createTestAccount(db.database, administrator);
      const { token, code } = await readCurrentReveal(db.database, account.id);
      await Promise.all([
        submitCode(db.database, { token, code }),
        resetApiKey(db.database, administrator, { id: account.id }),
        submitCode(db.database, { token, code }),
      ]);
      const after = await readCurrentReveal(db.database, account.id);
      expect(after).toMatchObject({ keyDigest: null, endedAt: null });
    }
  });
});
