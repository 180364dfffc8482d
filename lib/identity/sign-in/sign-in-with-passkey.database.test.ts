import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { requestPasskeyAssertion } from '#lib/identity/mfa/check-passkey.ts';
import { listFactors } from '#lib/identity/mfa/list.ts';
import { removePasskey } from '#lib/identity/mfa/remove-factor.ts';
import { touchSession } from '#lib/identity/sessions/touch-session.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { type Forgery, SoftAuthenticator } from '#lib/testing/authenticator.ts';
import { createTestUser, IP_ADDRESS, setUpPasskey } from '#lib/testing/test-users.ts';
import { signInWithPasskey } from './sign-in-with-passkey.ts';

let db: TestDatabase;
let user: CurrentUser;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = await createTestUser(db.database);
});

const query = async (text: string, ...values: unknown[]) => (await db.pool.query(text, values)).rows;
const listPasskeys = async () => (await listFactors(db.database, user.userId)).passkeys;
const expireChallenges = () =>
  query("update passkey_challenges set expires_at = expires_at - interval '5 minutes'");

const signInWith = (signed: { challengeId: string; response: ReturnType<SoftAuthenticator['sign']> }) =>
  signInWithPasskey(db.database, { signed, ipAddress: IP_ADDRESS });
const requestChallenge = (userId: string | null = null) =>
  requestPasskeyAssertion(db.database, { purpose: 'sign_in', userId });

describe('signInWithPasskey', () => {
  it('signs in the owner of the passkey', async () => {
    const { authenticator } = await setUpPasskey(db.database, user);
    const { options, challengeId } = await requestChallenge();
    expect(options.allowCredentials ?? []).toEqual([]);
    const result = await signInWith({ challengeId, response: authenticator.sign(options) });
    const sessionId = result.ok ? result.sessionId : '';
    expect(await touchSession(db.database, sessionId, IP_ADDRESS)).toMatchObject({ userId: user.userId });
    const rows = await query('select method from sessions where id = $1', sessionId);
    expect(rows).toEqual([{ method: 'passkey' }]);
    expect((await listPasskeys())[0]?.lastUsedAt).not.toBeNull();
  });

  it.each<[string, Forgery]>([
    ['on a page of another origin', { origin: 'https://stagedoor.example' }],
    ['for another relying party', { rpId: 'stagedoor.example' }],
    ['without user verification', { verified: false }],
    ['for a registration', { type: 'webauthn.create' }],
  ])('rejects a response that was created %s', async (_, forgery) => {
    const { authenticator } = await setUpPasskey(db.database, user);
    const { options, challengeId } = await requestChallenge();
    const response = authenticator.sign(options, forgery);
    expect(await signInWith({ challengeId, response })).toEqual({ ok: false, reason: 'wrong_passkey' });
  });

  it('accepts one of twenty concurrent uses of a signature, and none after five minutes', async () => {
    const { authenticator } = await setUpPasskey(db.database, user);
    // The authenticator has no counter, like most: only the challenge prevents a replay. `sign` increments -1 to 0.
    authenticator.counter = -1;
    const { options, challengeId } = await requestChallenge();
    const response = authenticator.sign(options);
    const results = await Promise.all(
      Array.from({ length: 20 }, () => signInWith({ challengeId, response })),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    authenticator.counter = -1;
    const expiring = await requestChallenge();
    await expireChallenges();
    const signed = { challengeId: expiring.challengeId, response: authenticator.sign(expiring.options) };
    expect(await signInWith(signed)).toMatchObject({ ok: false });
  });

  it('rejects a challenge for another purpose or for a known user', async () => {
    const { authenticator } = await setUpPasskey(db.database, user);
    for (const challenge of [
      await requestPasskeyAssertion(db.database, { purpose: 'reauthenticate', userId: user.userId }),
      await requestChallenge(user.userId),
    ]) {
      const response = authenticator.sign(challenge.options);
      expect(await signInWith({ challengeId: challenge.challengeId, response })).toMatchObject({ ok: false });
    }
  });

  it('rejects a cloned passkey with a lower counter', async () => {
    const { authenticator } = await setUpPasskey(db.database, user);
    authenticator.counter = 7;
    const first = await requestChallenge();
    const response = authenticator.sign(first.options);
    expect(await signInWith({ challengeId: first.challengeId, response })).toMatchObject({ ok: true });
    authenticator.counter = 3;
    const second = await requestChallenge();
    const clonedResponse = authenticator.sign(second.options);
    expect(await signInWith({ challengeId: second.challengeId, response: clonedResponse })).toMatchObject({
      ok: false,
    });
  });

  it('rejects an inactive user, a removed passkey and an unknown one', async () => {
    const { authenticator } = await setUpPasskey(db.database, user);
    const attempt = async (signer: SoftAuthenticator) => {
      const { options, challengeId } = await requestChallenge();
      return signInWith({ challengeId, response: signer.sign(options) });
    };
    await query('update users set active = false where id = $1', user.userId);
    expect(await attempt(authenticator)).toMatchObject({ ok: false });
    const failed = await query(
      "select user_id from audit_events where action = 'sign_in.failed' and target_user_id = $1",
      user.userId,
    );
    expect(failed).toEqual([{ user_id: null }]);
    await query('update users set active = true where id = $1', user.userId);
    expect(await attempt(authenticator)).toMatchObject({ ok: true });
    const [passkey] = await listPasskeys();
    expect(await removePasskey(db.database, user, { id: passkey?.id ?? '' })).toEqual({ ok: true });
    expect(await attempt(authenticator)).toMatchObject({ ok: false });
    expect(await attempt(new SoftAuthenticator())).toMatchObject({ ok: false });
  });

  it('records a failure for a real challenge, not for an unknown challenge id', async () => {
    const countFailures = async () =>
      (await query("select 1 from audit_events where action = 'sign_in.failed'")).length;
    const before = await countFailures();
    const { options, challengeId } = await requestChallenge();
    const response = new SoftAuthenticator().sign(options);
    for (let run = 0; run < 5; run += 1) {
      const result = await signInWith({ challengeId: uuidv7(), response });
      expect(result).toEqual({ ok: false, reason: 'wrong_passkey' });
    }
    expect(await countFailures()).toBe(before);
    // The first attempt consumes the challenge, so the others are like those with an unknown id.
    for (let run = 0; run < 5; run += 1) await signInWith({ challengeId, response });
    expect(await countFailures()).toBe(before + 1);
  });

  it('limits an IPv6 network to a hundred failed attempts in ten minutes', async () => {
    const { authenticator } = await setUpPasskey(db.database, user);
    const otherChallenge = await requestChallenge();
    const wrongResponse = authenticator.sign(otherChallenge.options);
    const signInFrom = (ipAddress: string, signed = { challengeId: uuidv7(), response: wrongResponse }) =>
      signInWithPasskey(db.database, { signed, ipAddress });
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => signInFrom(`2001:db8:7:1::${index.toString(16)}`)),
    );
    const { options, challengeId } = await requestChallenge();
    const signed = { challengeId, response: authenticator.sign(options) };
    const rateLimited = { ok: false, reason: 'rate_limited', retryAfterSeconds: expect.closeTo(600, -2) };
    expect(await signInFrom('2001:db8:7:1:ffff::', signed)).toEqual(rateLimited);
    expect(await signInFrom('2001:db8:7:2::1', signed)).toMatchObject({ ok: true });
  });
});
