import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { requestPasskeyAssertion } from '#lib/identity/mfa/check-passkey.ts';
import { confirmCurrentPassword, reauthenticate } from '#lib/identity/mfa/reauthenticate.ts';
import type { SecondStep } from '#lib/identity/mfa/schema.ts';
import { reauthenticateWithSso } from '#lib/identity/sso/reauthenticate.ts';
import { signInWithSso } from '#lib/identity/sso/sign-in.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { createOidcProfile } from '#lib/testing/oidc-profiles.ts';
import {
  computeTotpCode,
  createTestUser,
  IP_ADDRESS,
  PASSWORD,
  setUpPasskey,
  setUpTotp,
} from '#lib/testing/test-users.ts';
import { isKnownIpAddress } from './rate-limits.ts';
import { completeSecondStep } from './second-step.ts';
import { signIn } from './sign-in.ts';
import { signInWithPasskey } from './sign-in-with-passkey.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

const ipAddress = '198.51.100.7';

let db: TestDatabase;
/** Signed in, and now at another IP address. */
let user: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = { ...(await createTestUser(db.database)), ipAddress };
});

const isKnown = () => isKnownIpAddress(db.pool, { email: user.email, ipAddress });
const signInByPassword = (password = PASSWORD) =>
  signIn(db.database, { email: user.email, password, ipAddress });
const submitCode = async (steps = 0) => ({
  kind: 'totp' as const,
  code: await computeTotpCode(db.database, user.userId, steps),
});
const addPasskey = async () => (await setUpPasskey(db.database, user)).authenticator;

async function signPasskey(purpose: 'sign_in' | 'reauthenticate', userId: string | null) {
  const authenticator = await addPasskey();
  const { options, challengeId } = await requestPasskeyAssertion(db.database, { purpose, userId });
  return { challengeId, response: authenticator.sign(options) };
}

/** Sends the password, and a second factor. */
async function signInInTwoSteps(createStep: (recoveryCodes: string[]) => Promise<SecondStep>) {
  const recoveryCodes = (await setUpTotp(db.database, user)) ?? [];
  const first = await signInByPassword();
  if (first.ok || first.reason !== 'second_factor') throw new Error('no second step');
  const step = await createStep(recoveryCodes);
  return completeSecondStep(db.database, { pendingId: first.pendingId, step, ipAddress });
}

async function signInByProvider(from: string) {
  const profile = createOidcProfile({ email: user.email });
  const signedIn = await signInWithSso(db.database, { profile, client: { ipAddress: from } });
  if (!signedIn.ok) throw new Error(signedIn.reason);
  return { profile, sessionId: signedIn.sessionId };
}

describe('an IP address becomes known', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a password', () => signInByPassword()],
    ['a password and a code', () => signInInTwoSteps(() => submitCode())],
    [
      'a password and a recovery code',
      () => signInInTwoSteps(async ([code = '']) => ({ kind: 'recovery', code })),
    ],
    [
      'a passkey',
      async () => signInWithPasskey(db.database, { signed: await signPasskey('sign_in', null), ipAddress }),
    ],
    ['single sign-on', () => signInByProvider(ipAddress)],
  ])('by a sign-in with %s', async (_, act) => {
    expect(await isKnown()).toBe(false);
    await act();
    expect(await isKnown()).toBe(true);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a password', () => reauthenticate(db.database, user, { kind: 'password', password: PASSWORD })],
    [
      'a code',
      async () => {
        await setUpTotp(db.database, user);
        return reauthenticate(db.database, user, await submitCode());
      },
    ],
    [
      'a passkey',
      async () =>
        reauthenticate(db.database, user, {
          kind: 'passkey',
          ...(await signPasskey('reauthenticate', user.userId)),
        }),
    ],
    [
      'single sign-on',
      async () => {
        const { profile, sessionId } = await signInByProvider(IP_ADDRESS);
        return reauthenticateWithSso(db.database, { ...user, sessionId }, profile);
      },
    ],
  ])('by a re-authentication with %s', async (_, act) => {
    expect(await isKnown()).toBe(false);
    expect(await act()).toMatchObject({ ok: true });
    expect(await isKnown()).toBe(true);
  });
});

describe('an IP address does not become known', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a wrong password', () => signInByPassword('wrong')],
    ['a password and a wrong code', () => signInInTwoSteps(() => submitCode(1_000))],
    [
      'a password without the second factor',
      async () => {
        await setUpTotp(db.database, user);
        return signInByPassword();
      },
    ],
    [
      'the current password of a user with a second factor',
      async () => {
        await addPasskey();
        return confirmCurrentPassword(db.database, user, PASSWORD);
      },
    ],
    [
      'a refused re-authentication by password',
      async () => {
        await addPasskey();
        return reauthenticate(db.database, user, { kind: 'password', password: PASSWORD });
      },
    ],
    [
      'single sign-on without a new authentication',
      async () => {
        const { profile, sessionId } = await signInByProvider(IP_ADDRESS);
        const stale = { ...profile, authenticatedAt: null };
        return reauthenticateWithSso(db.database, { ...user, sessionId }, stale);
      },
    ],
  ])('by %s', async (_, act) => {
    await act();
    expect(await isKnown()).toBe(false);
  });
});
