import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { requestPasskeyAssertion } from '#lib/identity/mfa/check-passkey.ts';
import type { SecondStep } from '#lib/identity/mfa/schema.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { wrongCode } from '#lib/testing/accounts.ts';
import {
  ADDRESS,
  currentTotpCode,
  PASSWORD,
  setUpPasskey,
  setUpTotp,
  testUser,
} from '#lib/testing/test-users.ts';
import { completeSecondStep } from './second-step.ts';
import { signIn } from './sign-in.ts';

let db: TestDatabase;
let user: CurrentUser;
let recoveryCodes: string[];

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

beforeEach(async () => {
  user = await testUser(db.database);
  recoveryCodes = (await setUpTotp(db.database, user)) ?? [];
});

async function passFirstStep(): Promise<string> {
  const first = await signIn(db.database, { email: user.email, password: PASSWORD, address: ADDRESS });
  if (first.ok || first.reason !== 'second_factor') throw new Error(JSON.stringify(first));
  return first.pendingId;
}
const submitSecondStep = (pendingId: string, answer: SecondStep) =>
  completeSecondStep(db.database, { pendingId, step: answer, address: ADDRESS });
const rightTotp = async (steps = 0): Promise<SecondStep> => ({
  kind: 'totp',
  code: await currentTotpCode(db.database, user.userId, steps),
});
const wrongTotp = async (): Promise<SecondStep> => ({
  kind: 'totp',
  // Differs from each of the three valid codes.
  code: wrongCode(await currentTotpCode(db.database, user.userId, 1_000)),
});
const query = async (text: string, ...values: unknown[]) => (await db.pool.query(text, values)).rows;
const readSessions = () =>
  query('select method, user_agent from sessions where user_id = $1 order by id', user.userId);
const auditActions = async () =>
  (await query('select action from audit_events where user_id = $1 order by position', user.userId)).map(
    (row) => row.action,
  );

describe('completeSecondStep', () => {
  it('starts a session after the code, not after the password alone', async () => {
    const pendingId = await passFirstStep();
    expect(await readSessions()).toHaveLength(1);
    expect(await submitSecondStep(pendingId, await rightTotp())).toMatchObject({ ok: true });
    expect((await readSessions()).at(-1)).toMatchObject({ method: 'password_totp' });
    expect((await auditActions()).slice(-2)).toEqual(['sign_in.second_factor_asked', 'sign_in.succeeded']);
  });

  it('returns which factors the user has', async () => {
    await setUpPasskey(db.database, user);
    const first = await signIn(db.database, { email: user.email, password: PASSWORD, address: ADDRESS });
    expect(first).toMatchObject({ reason: 'second_factor', factors: ['passkey', 'totp', 'recovery'] });
  });

  it('accepts a code one time step away, rejects one of two', async () => {
    expect(await submitSecondStep(await passFirstStep(), await rightTotp(-2))).toMatchObject({
      reason: 'wrong_factor',
    });
    expect(await submitSecondStep(await passFirstStep(), await rightTotp(-1))).toMatchObject({ ok: true });
    expect(await submitSecondStep(await passFirstStep(), await rightTotp(1))).toMatchObject({ ok: true });
  });

  it('accepts each code once, and none older than the last one used', async () => {
    expect(await submitSecondStep(await passFirstStep(), await rightTotp())).toMatchObject({ ok: true });
    const pendingId = await passFirstStep();
    expect(await submitSecondStep(pendingId, await rightTotp())).toMatchObject({
      reason: 'wrong_factor',
      attemptsLeft: 4,
    });
    expect(await submitSecondStep(pendingId, await rightTotp(-1))).toMatchObject({
      reason: 'wrong_factor',
      attemptsLeft: 3,
    });
  });

  it('accepts one of twenty concurrent sign-ins with the same code', async () => {
    const pendingIds: string[] = [];
    for (let run = 0; run < 20; run += 1) pendingIds.push(await passFirstStep());
    const code = await rightTotp();
    const results = await Promise.all(pendingIds.map((pendingId) => submitSecondStep(pendingId, code)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await readSessions()).toHaveLength(2);
  });

  it('completes a pending sign-in once, even with concurrent factors', async () => {
    const pendingId = await passFirstStep();
    const steps: SecondStep[] = recoveryCodes.map((code) => ({ kind: 'recovery', code }));
    const results = await Promise.all(
      [...steps, await rightTotp()].map((answer) => submitSecondStep(pendingId, answer)),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    // A late request has used no recovery code.
    const [used] = await query(
      'select count(used_at)::int as codes from recovery_codes where user_id = $1',
      user.userId,
    );
    expect(used.codes).toBeLessThanOrEqual(1);
    expect(await submitSecondStep(pendingId, await rightTotp(1))).toEqual({ ok: false, reason: 'expired' });
  });

  it('compares five of fifty concurrent wrong codes, then rejects even the right one', async () => {
    const pendingId = await passFirstStep();
    const guess = await wrongTotp();
    await Promise.all(Array.from({ length: 50 }, () => submitSecondStep(pendingId, guess)));
    const failed = await query(
      "select user_id from audit_events where action = 'sign_in.failed' and target_user_id = $1",
      user.userId,
    );
    expect(failed).toEqual(Array(5).fill({ user_id: null }));
    await query('delete from rate_limits');
    expect(await submitSecondStep(pendingId, await rightTotp())).toEqual({ ok: false, reason: 'expired' });
  });

  it('consumes no attempt for a malformed code', async () => {
    const pendingId = await passFirstStep();
    for (let run = 0; run < 10; run += 1) {
      expect(await submitSecondStep(pendingId, { kind: 'totp', code: '12 34' })).toEqual({
        ok: false,
        reason: 'malformed',
      });
    }
    expect(await submitSecondStep(pendingId, { kind: 'recovery', code: 'ABCD' })).toMatchObject({
      reason: 'malformed',
    });
    expect(await submitSecondStep(pendingId, await rightTotp())).toMatchObject({ ok: true });
  });

  it('limits wrong codes over many sign-ins, but not passkeys', async () => {
    const { authenticator } = await setUpPasskey(db.database, user);
    const guess = await wrongTotp();
    for (let run = 0; run < 5; run += 1) {
      const pendingId = await passFirstStep();
      await submitSecondStep(pendingId, guess);
      await submitSecondStep(pendingId, guess);
    }
    const throttled = { reason: 'throttled', retryAfterSeconds: expect.closeTo(900, -2) };
    expect(await submitSecondStep(await passFirstStep(), await rightTotp())).toMatchObject(throttled);
    const challenge = await requestPasskeyAssertion(db.database, { purpose: 'sign_in', userId: user.userId });
    const response = authenticator.sign(challenge.options);
    const { challengeId } = challenge;
    expect(
      await submitSecondStep(await passFirstStep(), { kind: 'passkey', challengeId, response }),
    ).toMatchObject({ ok: true });
    expect((await readSessions()).at(-1)).toMatchObject({ method: 'password_passkey' });
  });

  it.each([
    [
      'after ten minutes',
      "update pending_sign_ins set expires_at = expires_at - interval '10 minutes' where user_id = $1",
    ],
    [
      'after a password change',
      "update users set password_changed_at = now() + interval '1 second' where id = $1",
    ],
  ])('rejects a pending sign-in %s', async (_, change) => {
    const pendingId = await passFirstStep();
    await query(change, user.userId);
    expect(await submitSecondStep(pendingId, await rightTotp())).toEqual({ ok: false, reason: 'expired' });
    expect(await readSessions()).toHaveLength(1);
    const [row] = await query('select totp_last_step from users where id = $1', user.userId);
    expect(row.totp_last_step).toBeNull();
  });

  it('rejects a user who was deactivated meanwhile', async () => {
    const pendingId = await passFirstStep();
    await query('update users set active = false where id = $1', user.userId);
    expect(await submitSecondStep(pendingId, await rightTotp())).toMatchObject({ ok: false });
    expect(await readSessions()).toHaveLength(1);
  });

  it("rejects another user's code", async () => {
    const mine = user;
    const other = await testUser(db.database);
    const codes = await setUpTotp(db.database, other);
    user = mine;
    const pendingId = await passFirstStep();
    const code = await currentTotpCode(db.database, other.userId);
    expect(await submitSecondStep(pendingId, { kind: 'totp', code })).toMatchObject({ ok: false });
    expect(await submitSecondStep(pendingId, { kind: 'recovery', code: codes?.[0] ?? '' })).toMatchObject({
      ok: false,
    });
  });

  it('starts no session if it cannot be recorded, and keeps the code valid', async () => {
    const pendingId = await passFirstStep();
    await query(
      `alter table audit_events add constraint full_disk check (action <> 'sign_in.succeeded' or user_id <> '${user.userId}') not valid`,
    );
    await expect(submitSecondStep(pendingId, await rightTotp())).rejects.toThrow();
    await query('alter table audit_events drop constraint full_disk');
    expect(await submitSecondStep(pendingId, await rightTotp())).toMatchObject({ ok: true });
  });
});
