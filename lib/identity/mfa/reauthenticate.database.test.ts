import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { passkeys } from '#db/schema/factors.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { signOut } from '#lib/identity/sessions/sign-out.ts';
import { touchSession } from '#lib/identity/sessions/touch-session.ts';
import { completeSecondStep } from '#lib/identity/sign-in/second-step.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import type { SoftAuthenticator } from '#lib/testing/authenticator.ts';
import {
  computeTotpCode,
  createTestUser,
  IP_ADDRESS,
  PASSWORD,
  setUpPasskey,
  setUpTotp,
} from '#lib/testing/test-users.ts';
import { until } from '#lib/testing/until.ts';
import { requestPasskeyAssertion } from './check-passkey.ts';
import { lockUser } from './lock-user.ts';
import { confirmCurrentPassword, reauthenticate } from './reauthenticate.ts';
import { removeTotp } from './remove-factor.ts';
import type { ReauthInput } from './schema.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

let db: TestDatabase;
let user: CurrentUser;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

beforeEach(async () => {
  user = await createTestUser(db.database);
  await db.pool.query("update sessions set authenticated_at = now() - interval '15 minutes' where id = $1", [
    user.sessionId,
  ]);
});

const hasRecentAuth = async () =>
  (await touchSession(db.database, user.sessionId, IP_ADDRESS))?.hasRecentAuth ?? null;
const submit = (input: ReauthInput) => reauthenticate(db.database, user, input);
const readAuditEvents = async () => {
  const { rows } = await db.pool.query(
    "select action, outcome, details from audit_events where user_id = $1 and action like 'proof.%' order by position",
    [user.userId],
  );
  return rows;
};

const signReauth = async (authenticator: SoftAuthenticator): Promise<ReauthInput> => {
  const owner = { purpose: 'reauthenticate', userId: user.userId } as const;
  const { options, challengeId } = await requestPasskeyAssertion(db.database, owner);
  return { kind: 'passkey', challengeId, response: authenticator.sign(options) };
};
const expireRecentAuth = () =>
  db.pool.query("update sessions set authenticated_at = now() - interval '15 minutes'");

test('accepts the password of a user without a second factor', async () => {
  expect(await hasRecentAuth()).toBe(false);
  expect(await submit({ kind: 'password', password: PASSWORD })).toEqual({ ok: true });
  expect(await hasRecentAuth()).toBe(true);
  expect(await readAuditEvents()).toEqual([
    { action: 'proof.given', outcome: 'done', details: { method: 'password' } },
  ]);
});

test('accepts a code or a passkey, and records which one', async () => {
  await setUpTotp(db.database, user);
  const { authenticator } = await setUpPasskey(db.database, user);
  const inputs: ReauthInput[] = [
    { kind: 'totp', code: await computeTotpCode(db.database, user.userId) },
    await signReauth(authenticator),
  ];
  for (const input of inputs) {
    await expireRecentAuth();
    expect(await hasRecentAuth()).toBe(false);
    expect(await submit(input)).toEqual({ ok: true });
    expect(await hasRecentAuth()).toBe(true);
    // A code and a signature are accepted once.
    expect(await submit(input)).toEqual({ ok: false, reason: 'wrong_factor' });
  }
  expect(await readAuditEvents()).toContainEqual({
    action: 'proof.given',
    outcome: 'done',
    details: { method: 'totp' },
  });
});

test.each([
  ['an authenticator app', () => setUpTotp(db.database, user)],
  ['a passkey', () => setUpPasskey(db.database, user)],
])('does not accept the password of a user with %s, and does not compare it', async (_, setUp) => {
  await setUp();
  await expireRecentAuth();
  for (const password of [PASSWORD, 'not the password'])
    expect(await submit({ kind: 'password', password })).toEqual({
      ok: false,
      reason: 'second_factor_required',
    });
  expect(await hasRecentAuth()).toBe(false);
  expect(await readAuditEvents()).toEqual([]);
});

test('does not accept the password of a user who adds a passkey while it is compared', async () => {
  const pending = await withTransaction(db.database, async (transaction) => {
    // The re-authentication waits for this lock, after it has compared the password.
    await lockUser(transaction, user.userId);
    const submitted = submit({ kind: 'password', password: PASSWORD });
    await until(
      async () =>
        (
          await db.pool.query(
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          )
        ).rows.length,
      (count) => count === 1,
    );
    await transaction.insert(passkeys).values({
      ...{ id: uuidv7(), userId: user.userId, name: 'A phone', credentialId: uuidv7() },
      ...{ publicKey: Buffer.from('key'), counter: 0, transports: [], isBackedUp: false },
    });
    return { submitted };
  });
  expect(await pending.submitted).toEqual({ ok: false, reason: 'second_factor_required' });
  expect(await hasRecentAuth()).toBe(false);
});

test('accepts the password again after the last second factor was removed', async () => {
  await setUpTotp(db.database, user);
  expect(await removeTotp(db.database, user)).toEqual({ ok: true });
  await expireRecentAuth();
  expect(await submit({ kind: 'password', password: PASSWORD })).toEqual({ ok: true });
});

test('confirms the current password of a user with a second factor, but renews nothing', async () => {
  await setUpTotp(db.database, user);
  await expireRecentAuth();
  expect(await confirmCurrentPassword(db.database, user, PASSWORD)).toEqual({ ok: true });
  expect(await hasRecentAuth()).toBe(false);
  expect(await readAuditEvents()).toEqual([]);
  expect(await confirmCurrentPassword(db.database, user, 'not the password')).toEqual({
    ok: false,
    reason: 'wrong_factor',
  });
  expect(await readAuditEvents()).toEqual([
    { action: 'proof.failed', outcome: 'refused', details: { method: 'password' } },
  ]);
});

test('rejects a wrong password, a wrong code and a malformed code', async () => {
  expect(await submit({ kind: 'password', password: 'not the password' })).toEqual({
    ok: false,
    reason: 'wrong_factor',
  });
  await setUpTotp(db.database, user);
  const wrongCode = await computeTotpCode(db.database, user.userId, 1_000);
  expect(await submit({ kind: 'totp', code: wrongCode })).toEqual({ ok: false, reason: 'wrong_factor' });
  expect(await submit({ kind: 'totp', code: '12' })).toEqual({ ok: false, reason: 'malformed' });
  expect(await hasRecentAuth()).toBe(false);
  // The malformed code is rejected before it is compared, and not recorded.
  expect(await readAuditEvents()).toHaveLength(2);
});

test("rejects another user's passkey, and a challenge for another purpose", async () => {
  const { authenticator } = await setUpPasskey(db.database, user);
  const other = await createTestUser(db.database);
  const { authenticator: otherAuthenticator } = await setUpPasskey(db.database, other);
  const sign = async (purpose: 'reauthenticate' | 'sign_in', signer: typeof otherAuthenticator) => {
    const { options, challengeId } = await requestPasskeyAssertion(db.database, {
      purpose,
      userId: user.userId,
    });
    return submit({ kind: 'passkey', challengeId, response: signer.sign(options) });
  };
  expect(await sign('reauthenticate', otherAuthenticator)).toMatchObject({ ok: false });
  expect(await sign('sign_in', authenticator)).toMatchObject({ ok: false });
  expect(await sign('reauthenticate', authenticator)).toEqual({ ok: true });
});

test('rejects an ended session and an inactive user', async () => {
  await db.pool.query('update users set active = false where id = $1', [user.userId]);
  expect(await submit({ kind: 'password', password: PASSWORD })).toMatchObject({ ok: false });
  await db.pool.query('update users set active = true where id = $1', [user.userId]);
  await signOut(db.database, user.sessionId);
  expect(await submit({ kind: 'password', password: PASSWORD })).toMatchObject({ ok: false });
  expect(await hasRecentAuth()).toBeNull();
});

test('records a failed passkey for a real challenge, not for an unknown challenge id', async () => {
  const { authenticator } = await setUpPasskey(db.database, user);
  const challenge = await requestPasskeyAssertion(db.database, {
    purpose: 'reauthenticate',
    userId: user.userId,
  });
  const response = authenticator.sign(challenge.options, { verified: false });
  for (let run = 0; run < 5; run += 1) {
    const result = await submit({ kind: 'passkey', challengeId: uuidv7(), response });
    expect(result).toEqual({ ok: false, reason: 'wrong_factor' });
  }
  expect(await readAuditEvents()).toEqual([]);
  // Only the first attempt is recorded, because it uses up the challenge.
  for (let run = 0; run < 5; run += 1) {
    await submit({ kind: 'passkey', challengeId: challenge.challengeId, response });
  }
  expect(await readAuditEvents()).toEqual([
    { action: 'proof.failed', outcome: 'refused', details: { method: 'passkey' } },
  ]);
});

test('compares ten of fifty concurrent wrong passwords, then rejects even the correct one', async () => {
  const input = { kind: 'password', password: 'wrong' } as const;
  await Promise.all(Array.from({ length: 50 }, () => submit(input)));
  expect(await readAuditEvents()).toHaveLength(10);
  const correctInput = { kind: 'password', password: PASSWORD } as const;
  expect(await submit(correctInput)).toMatchObject({ ok: false, reason: 'rate_limited' });
  expect(await hasRecentAuth()).toBe(false);
});

describe('a signed-in user', () => {
  /** An IP address from which the user has not signed in. */
  const elsewhere = '198.51.100.7';
  const reauthenticateElsewhere = (input: ReauthInput) =>
    reauthenticate(db.database, { ...user, ipAddress: elsewhere }, input);
  const signInFrom = (ipAddress: string, password: string) =>
    signIn(db.database, { email: user.email, password, ipAddress });

  it('can re-authenticate with the password, although strangers have used up the limits of signing in', async () => {
    for (let index = 0; index < 10; index += 1) await signInFrom(elsewhere, 'wrong');
    for (let index = 0; index < 40; index += 1) await signInFrom(`10.2.0.${index}`, 'wrong');
    expect(await signInFrom(elsewhere, PASSWORD)).toMatchObject({ reason: 'rate_limited' });
    expect(await signInFrom('10.2.1.1', PASSWORD)).toMatchObject({ reason: 'rate_limited' });
    expect(await reauthenticateElsewhere({ kind: 'password', password: PASSWORD })).toEqual({ ok: true });
  });

  it('can re-authenticate with a code, although an attacker who knows the password has tried too many', async () => {
    await setUpTotp(db.database, user);
    const wrongCode = await computeTotpCode(db.database, user.userId, 1_000);
    const step = { kind: 'totp', code: wrongCode } as const;
    const outcomes = [];
    for (let run = 0; run < 3; run += 1) {
      const first = await signInFrom('10.2.0.1', PASSWORD);
      const pendingId = !first.ok && first.reason === 'second_factor' ? first.pendingId : '';
      for (let attempts = 0; attempts < 5; attempts += 1)
        outcomes.push(await completeSecondStep(db.database, { pendingId, step, ipAddress: '10.2.0.1' }));
    }
    expect(outcomes.at(-1)).toMatchObject({ reason: 'rate_limited' });
    const code = await computeTotpCode(db.database, user.userId);
    expect(await submit({ kind: 'totp', code })).toEqual({ ok: true });
  });

  it('cannot guess codes without limit', async () => {
    await setUpTotp(db.database, user);
    const code = await computeTotpCode(db.database, user.userId, 1_000);
    await Promise.all(Array.from({ length: 20 }, () => submit({ kind: 'totp', code })));
    expect(await readAuditEvents()).toHaveLength(10);
    const correct = { kind: 'totp', code: await computeTotpCode(db.database, user.userId) } as const;
    expect(await submit(correct)).toMatchObject({ reason: 'rate_limited' });
  });
});
