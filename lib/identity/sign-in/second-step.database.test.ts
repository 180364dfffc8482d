import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { requestPasskeyAssertion } from '#lib/identity/mfa/check-passkey.ts';
import type { SecondStep } from '#lib/identity/mfa/schema.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import {
  computeTotpCode,
  createTestUser,
  IP_ADDRESS,
  PASSWORD,
  setUpPasskey,
  setUpTotp,
} from '#lib/testing/test-users.ts';
import { completeSecondStep } from './second-step.ts';
import { signIn } from './sign-in.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

let db: TestDatabase;
let user: CurrentUser;
let recoveryCodes: string[];

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

beforeEach(async () => {
  user = await createTestUser(db.database);
  recoveryCodes = (await setUpTotp(db.database, user)) ?? [];
});

async function completeFirstStep(): Promise<string> {
  const first = await signIn(db.database, { email: user.email, password: PASSWORD, ipAddress: IP_ADDRESS });
  if (first.ok || first.reason !== 'second_factor') throw new Error(JSON.stringify(first));
  return first.pendingId;
}
const submitSecondStep = (pendingId: string, step: SecondStep) =>
  completeSecondStep(db.database, { pendingId, step, ipAddress: IP_ADDRESS });
const createCorrectTotp = async (steps = 0): Promise<SecondStep> => ({
  kind: 'totp',
  code: await computeTotpCode(db.database, user.userId, steps),
});
const createWrongTotp = async (): Promise<SecondStep> => ({
  kind: 'totp',
  // The code of a far later time step.
  code: await computeTotpCode(db.database, user.userId, 1_000),
});
const query = async (text: string, ...values: unknown[]) => (await db.pool.query(text, values)).rows;
const readSessions = () =>
  query('select method, user_agent from sessions where user_id = $1 order by id', user.userId);
const readAuditActions = async () =>
  (await query('select action from audit_events where user_id = $1 order by position', user.userId)).map(
    (row) => row.action,
  );

describe('signIn', () => {
  it('returns which second factors the user has', async () => {
    await setUpPasskey(db.database, user);
    const first = await signIn(db.database, { email: user.email, password: PASSWORD, ipAddress: IP_ADDRESS });
    expect(first).toMatchObject({ reason: 'second_factor', factors: ['passkey', 'totp', 'recovery'] });
  });
});

describe('completeSecondStep', () => {
  it('starts a session after the code, not after the password alone', async () => {
    const pendingId = await completeFirstStep();
    expect(await readSessions()).toHaveLength(1);
    expect(await submitSecondStep(pendingId, await createCorrectTotp())).toMatchObject({ ok: true });
    expect((await readSessions()).at(-1)).toMatchObject({ method: 'password_totp' });
    expect((await readAuditActions()).slice(-2)).toEqual([
      'sign_in.second_factor_asked',
      'sign_in.succeeded',
    ]);
  });

  it('accepts a code that is one time step away, but not one that is two away', async () => {
    expect(await submitSecondStep(await completeFirstStep(), await createCorrectTotp(-2))).toMatchObject({
      reason: 'wrong_factor',
    });
    expect(await submitSecondStep(await completeFirstStep(), await createCorrectTotp(-1))).toMatchObject({
      ok: true,
    });
    expect(await submitSecondStep(await completeFirstStep(), await createCorrectTotp(1))).toMatchObject({
      ok: true,
    });
  });

  it('accepts each code once, and no code older than the last used one', async () => {
    expect(await submitSecondStep(await completeFirstStep(), await createCorrectTotp())).toMatchObject({
      ok: true,
    });
    const pendingId = await completeFirstStep();
    expect(await submitSecondStep(pendingId, await createCorrectTotp())).toMatchObject({
      reason: 'wrong_factor',
      attemptsLeft: 4,
    });
    expect(await submitSecondStep(pendingId, await createCorrectTotp(-1))).toMatchObject({
      reason: 'wrong_factor',
      attemptsLeft: 3,
    });
  });

  it('accepts one of twenty concurrent sign-ins with the same code', async () => {
    const pendingIds: string[] = [];
    for (let run = 0; run < 20; run += 1) pendingIds.push(await completeFirstStep());
    const code = await createCorrectTotp();
    const results = await Promise.all(pendingIds.map((pendingId) => submitSecondStep(pendingId, code)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await readSessions()).toHaveLength(2);
  });

  it('completes a pending sign-in once, even with concurrent factors', async () => {
    const pendingId = await completeFirstStep();
    const steps: SecondStep[] = recoveryCodes.map((code) => ({ kind: 'recovery', code }));
    const results = await Promise.all(
      [...steps, await createCorrectTotp()].map((step) => submitSecondStep(pendingId, step)),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    // Only the request that succeeded can have used a recovery code.
    const [used] = await query(
      'select count(used_at)::int as codes from recovery_codes where user_id = $1',
      user.userId,
    );
    expect(used.codes).toBeLessThanOrEqual(1);
    expect(await submitSecondStep(pendingId, await createCorrectTotp(1))).toEqual({
      ok: false,
      reason: 'expired',
    });
  });

  it('compares five of fifty concurrent wrong codes, then rejects even the correct one', async () => {
    const pendingId = await completeFirstStep();
    const guess = await createWrongTotp();
    await Promise.all(Array.from({ length: 50 }, () => submitSecondStep(pendingId, guess)));
    const failed = await query(
      "select user_id from audit_events where action = 'sign_in.failed' and target_user_id = $1",
      user.userId,
    );
    expect(failed).toEqual(Array(5).fill({ user_id: null }));
    await query('delete from rate_limits');
    expect(await submitSecondStep(pendingId, await createCorrectTotp())).toEqual({
      ok: false,
      reason: 'expired',
    });
  });

  it('consumes no attempt for a malformed code', async () => {
    const pendingId = await completeFirstStep();
    for (let run = 0; run < 10; run += 1) {
      expect(await submitSecondStep(pendingId, { kind: 'totp', code: '12 34' })).toEqual({
        ok: false,
        reason: 'malformed',
      });
    }
    expect(await submitSecondStep(pendingId, { kind: 'recovery', code: 'ABCD' })).toMatchObject({
      reason: 'malformed',
    });
    expect(await submitSecondStep(pendingId, await createCorrectTotp())).toMatchObject({ ok: true });
  });

  it('limits wrong codes in several sign-ins together, but not passkeys', async () => {
    const { authenticator } = await setUpPasskey(db.database, user);
    const guess = await createWrongTotp();
    for (let run = 0; run < 5; run += 1) {
      const pendingId = await completeFirstStep();
      await submitSecondStep(pendingId, guess);
      await submitSecondStep(pendingId, guess);
    }
    const rateLimited = { reason: 'rate_limited', retryAfterSeconds: expect.closeTo(900, -2) };
    expect(await submitSecondStep(await completeFirstStep(), await createCorrectTotp())).toMatchObject(
      rateLimited,
    );
    const challenge = await requestPasskeyAssertion(db.database, { purpose: 'sign_in', userId: user.userId });
    const response = authenticator.sign(challenge.options);
    const { challengeId } = challenge;
    expect(
      await submitSecondStep(await completeFirstStep(), { kind: 'passkey', challengeId, response }),
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
    const pendingId = await completeFirstStep();
    await query(change, user.userId);
    expect(await submitSecondStep(pendingId, await createCorrectTotp())).toEqual({
      ok: false,
      reason: 'expired',
    });
    expect(await readSessions()).toHaveLength(1);
    const [row] = await query('select totp_last_step from users where id = $1', user.userId);
    expect(row.totp_last_step).toBeNull();
  });

  it('rejects a user who was deactivated after the first step', async () => {
    const pendingId = await completeFirstStep();
    await query('update users set active = false where id = $1', user.userId);
    expect(await submitSecondStep(pendingId, await createCorrectTotp())).toMatchObject({ ok: false });
    expect(await readSessions()).toHaveLength(1);
  });

  it("rejects another user's codes", async () => {
    const other = await createTestUser(db.database);
    const codes = await setUpTotp(db.database, other);
    const pendingId = await completeFirstStep();
    const code = await computeTotpCode(db.database, other.userId);
    expect(await submitSecondStep(pendingId, { kind: 'totp', code })).toMatchObject({ ok: false });
    expect(await submitSecondStep(pendingId, { kind: 'recovery', code: codes?.[0] ?? '' })).toMatchObject({
      ok: false,
    });
  });

  it('starts no session if the sign-in cannot be recorded, and keeps the code valid', async () => {
    const pendingId = await completeFirstStep();
    await query(
      `alter table audit_events add constraint full_disk check (action <> 'sign_in.succeeded' or user_id <> '${user.userId}') not valid`,
    );
    await expect(submitSecondStep(pendingId, await createCorrectTotp())).rejects.toThrow();
    await query('alter table audit_events drop constraint full_disk');
    expect(await submitSecondStep(pendingId, await createCorrectTotp())).toMatchObject({ ok: true });
  });
});
