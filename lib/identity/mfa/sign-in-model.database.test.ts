import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { completeSecondStep } from '#lib/identity/sign-in/second-step.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { signInWithPasskey } from '#lib/identity/sign-in/sign-in-with-passkey.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import type { SoftAuthenticator } from '#lib/testing/authenticator.ts';
import { atScale } from '#lib/testing/scale.ts';
import {
  clearLastTotpStep,
  currentTotpCode,
  PASSWORD,
  setUpPasskey,
  setUpTotp,
  testUser,
} from '#lib/testing/test-users.ts';
import { requestPasskeyAssertion } from './check-passkey.ts';
import type { SecondStep } from './schema.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** One of two users, one with an authenticator app, the other with a passkey. */
type Subject = {
  user: CurrentUser;
  codes: string[];
  authenticator: SoftAuthenticator | null;
  pendingIds: string[];
};
let addresses = 0;

async function subjects(): Promise<[Subject, Subject]> {
  const [ada, eve] = [await testUser(db.database), await testUser(db.database)];
  const codes = (await setUpTotp(db.database, ada)) ?? [];
  const registration = await setUpPasskey(db.database, eve);
  return [
    { user: ada, codes, authenticator: null, pendingIds: [] },
    {
      user: eve,
      codes: registration.recoveryCodes ?? [],
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
  index: fc.nat(3),
});
type Step = { target: number; owner: number; kind: string; index: number };

async function secondStepFor(
  { kind, index }: Step,
  owner: Subject,
  target: Subject,
): Promise<SecondStep | null> {
  const { userId } = owner.user;
  if (kind === 'recovery') return { kind, code: owner.codes[index] ?? '' };
  if (kind === 'totp' || kind === 'old_totp') {
    if (owner.authenticator) return null;
    if (kind === 'totp') await clearLastTotpStep(db.database, userId);
    return { kind: 'totp', code: await currentTotpCode(db.database, userId, kind === 'totp' ? 0 : -3) };
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
async function perform(
  step: Step,
  all: [Subject, Subject],
): Promise<{ subject: Subject; factors: string[] } | null> {
  const [target, owner] = [all[step.target], all[step.owner]] as [Subject, Subject];
  addresses += 1;
  const address = `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`;
  if (step.kind === 'password' || step.kind === 'wrong_password') {
    const password = step.kind === 'password' ? PASSWORD : 'wrong';
    const result = await signIn(db.database, { email: target.user.email, password, address });
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
    const result = await signInWithPasskey(db.database, { signed, address });
    return result.ok ? { subject: owner, factors: ['device', 'its lock'] } : null;
  }
  const secondStep = await secondStepFor(step, owner, target);
  const pendingId = target.pendingIds[step.index];
  if (!secondStep || !pendingId) return null;
  const result = await completeSecondStep(db.database, { pendingId, step: secondStep, address });
  if (!result.ok) return null;
  // Only the user's own factor, only after the password, and only once per password.
  expect(step.owner).toBe(step.target);
  expect(step.kind).not.toBe('old_totp');
  target.pendingIds = target.pendingIds.filter((each) => each !== pendingId);
  return { subject: target, factors: ['password', step.kind] };
}

let signInCount = 0;

test('signs no user in with fewer factors than they have, in any sequence of steps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25 }), async (steps) => {
      const all = await subjects();
      const sessions = new Map(all.map((subject) => [subject.user.userId, 1]));
      for (const step of steps) {
        const signedIn = await perform(step, all);
        if (signedIn) {
          expect(signedIn.factors).toHaveLength(2);
          signInCount += 1;
          const { userId } = signedIn.subject.user;
          sessions.set(userId, (sessions.get(userId) ?? 0) + 1);
        }
        for (const [userId, count] of sessions) {
          const { rows } = await db.pool.query(
            'select count(*)::int as count from sessions where user_id = $1',
            [userId],
          );
          expect(rows).toEqual([{ count }]);
        }
      }
    }),
    // Enough runs at the normal size that some sequences do sign in.
    { numRuns: atScale({ normal: 4, soak: 60 }) },
  );
  expect(signInCount, 'sign-ins that succeeded').toBeGreaterThan(0);
}, 600_000);
