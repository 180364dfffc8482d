import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { completeSecondStep } from '#lib/identity/sign-in/second-step.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { signInWithPasskey } from '#lib/identity/sign-in/sign-in-with-passkey.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import type { SoftAuthenticator } from '#lib/testing/authenticator.ts';
import { atScale } from '#lib/testing/scale.ts';
import {
  clearLastTotpStep,
  computeTotpCode,
  createTestUser,
  PASSWORD,
  setUpPasskey,
  setUpTotp,
} from '#lib/testing/test-users.ts';
import { requestPasskeyAssertion } from './check-passkey.ts';
import type { SecondStep } from './schema.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** A user with an authenticator app or a passkey. */
type Subject = {
  user: CurrentUser;
  recoveryCodes: string[];
  /** Null if the user has an authenticator app. */
  authenticator: SoftAuthenticator | null;
  pendingIds: string[];
};
let ipAddressCount = 0;

async function createSubjects(): Promise<[Subject, Subject]> {
  const [ada, eve] = [await createTestUser(db.database), await createTestUser(db.database)];
  const recoveryCodes = (await setUpTotp(db.database, ada)) ?? [];
  const registration = await setUpPasskey(db.database, eve);
  return [
    { user: ada, recoveryCodes, authenticator: null, pendingIds: [] },
    {
      user: eve,
      recoveryCodes: registration.recoveryCodes ?? [],
      authenticator: registration.authenticator,
      pendingIds: [],
    },
  ];
}

const anyStep = fc.record({
  /** Index of the user who signs in. */
  target: fc.nat(1),
  /** Index of the user whose factor is submitted. */
  owner: fc.nat(1),
  kind: fc.constantFrom(
    'password',
    'wrong_password',
    'totp',
    'old_totp',
    'recovery',
    'passkey',
    'passkey_alone',
  ),
  /** Index of the recovery code and of the pending sign-in. */
  index: fc.nat(3),
});
type Step = { target: number; owner: number; kind: string; index: number };

/** Creates the input of a second step; null if the owner does not have this factor. */
async function createSecondStep(
  { kind, index }: Step,
  owner: Subject,
  target: Subject,
): Promise<SecondStep | null> {
  const { userId } = owner.user;
  if (kind === 'recovery') return { kind, code: owner.recoveryCodes[index] ?? '' };
  if (kind === 'totp' || kind === 'old_totp') {
    if (owner.authenticator) return null;
    if (kind === 'totp') await clearLastTotpStep(db.database, userId);
    return { kind: 'totp', code: await computeTotpCode(db.database, userId, kind === 'totp' ? 0 : -3) };
  }
  if (kind !== 'passkey' || !owner.authenticator) return null;
  const challenge = await requestPasskeyAssertion(db.database, {
    purpose: 'sign_in',
    userId: target.user.userId,
  });
  const { options, challengeId } = challenge;
  return { kind, challengeId, response: owner.authenticator.sign(options) };
}

/** Performs one step. If it signs a user in, returns the user and the submitted factors. */
async function performStep(
  step: Step,
  subjects: [Subject, Subject],
): Promise<{ subject: Subject; factors: string[] } | null> {
  const [target, owner] = [subjects[step.target], subjects[step.owner]] as [Subject, Subject];
  // Each step comes from another IP address, so that no rate limit of an IP address refuses it.
  ipAddressCount += 1;
  const ipAddress = `10.${ipAddressCount >> 16}.${(ipAddressCount >> 8) & 255}.${ipAddressCount & 255}`;
  if (step.kind === 'password' || step.kind === 'wrong_password') {
    const password = step.kind === 'password' ? PASSWORD : 'wrong';
    const result = await signIn(db.database, { email: target.user.email, password, ipAddress });
    if (!result.ok && result.reason === 'second_factor') target.pendingIds.push(result.pendingId);
    return result.ok ? { subject: target, factors: ['password'] } : null;
  }
  if (step.kind === 'passkey_alone') {
    if (!owner.authenticator) return null;
    const { options, challengeId } = await requestPasskeyAssertion(db.database, {
      purpose: 'sign_in',
      userId: null,
    });
    const signed = { challengeId, response: owner.authenticator.sign(options) };
    const result = await signInWithPasskey(db.database, { signed, ipAddress });
    // A passkey alone counts as two factors.
    return result.ok ? { subject: owner, factors: ['device', 'its lock'] } : null;
  }
  const secondStep = await createSecondStep(step, owner, target);
  const pendingId = target.pendingIds[step.index];
  if (!secondStep || !pendingId) return null;
  const result = await completeSecondStep(db.database, { pendingId, step: secondStep, ipAddress });
  if (!result.ok) return null;
  // A second step succeeds only with the user's own factor, and not with an old code.
  expect(step.owner).toBe(step.target);
  expect(step.kind).not.toBe('old_totp');
  target.pendingIds = target.pendingIds.filter((each) => each !== pendingId);
  return { subject: target, factors: ['password', step.kind] };
}

let signInCount = 0;

test('signs users in only with two of their own factors, in any sequence of steps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25 }), async (steps) => {
      const subjects = await createSubjects();
      // `createTestUser` has started one session for each user.
      const sessionCounts = new Map(subjects.map((subject) => [subject.user.userId, 1]));
      for (const step of steps) {
        const signedIn = await performStep(step, subjects);
        if (signedIn) {
          expect(signedIn.factors).toHaveLength(2);
          signInCount += 1;
          const { userId } = signedIn.subject.user;
          sessionCounts.set(userId, (sessionCounts.get(userId) ?? 0) + 1);
        }
        for (const [userId, count] of sessionCounts) {
          const { rows } = await db.pool.query(
            'select count(*)::int as count from sessions where user_id = $1',
            [userId],
          );
          expect(rows).toEqual([{ count }]);
        }
      }
    }),
    // Four runs are enough for some sequences to sign a user in.
    { numRuns: atScale({ normal: 4, soak: 60 }) },
  );
  expect(signInCount, 'sign-ins that succeeded').toBeGreaterThan(0);
});
