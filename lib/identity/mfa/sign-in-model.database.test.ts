import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { completeSecondStep } from '#lib/identity/sign-in/second-step.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { signInWithPasskey } from '#lib/identity/sign-in/sign-in-with-passkey.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import type { SoftAuthenticator } from '#lib/testing/authenticator.ts';
import { codeNow, forgetLastStep, PASSWORD, testPerson, withPasskey, withTotp } from '#lib/testing/people.ts';
import { atScale } from '#lib/testing/scale.ts';
import { askForPasskey } from './check-passkey.ts';
import type { SecondStep } from './schema.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** One of two people, one with an app, the other with a passkey; and what has been seen of their factors. */
type Subject = {
  person: CurrentUser;
  codes: string[];
  authenticator: SoftAuthenticator | null;
  pendings: string[];
};
let addresses = 0;

async function subjects(): Promise<[Subject, Subject]> {
  const [ada, eve] = [await testPerson(db.database), await testPerson(db.database)];
  const codes = (await withTotp(db.database, ada)) ?? [];
  const made = await withPasskey(db.database, eve);
  return [
    { person: ada, codes, authenticator: null, pendings: [] },
    { person: eve, codes: made.recoveryCodes ?? [], authenticator: made.authenticator, pendings: [] },
  ];
}

const act = fc.record({
  /** Whose sign-in it is. */
  who: fc.nat(1),
  /** Whose factor is given: their own, or the other's. */
  by: fc.nat(1),
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
type AuditAction = { who: number; by: number; kind: string; index: number };

async function answerOf({ kind, index }: AuditAction, by: Subject, who: Subject): Promise<SecondStep | null> {
  const { userId } = by.person;
  if (kind === 'recovery') return { kind, code: by.codes[index] ?? '' };
  if (kind === 'totp' || kind === 'old_totp') {
    if (by.authenticator) return null;
    if (kind === 'totp') await forgetLastStep(db.database, userId);
    return { kind: 'totp', code: await codeNow(db.database, userId, kind === 'totp' ? 0 : -3) };
  }
  if (kind !== 'passkey' || !by.authenticator) return null;
  const asked = await askForPasskey(db.database, { purpose: 'sign_in', userId: who.person.userId });
  const { options, challengeId } = asked;
  return { kind, challengeId, response: by.authenticator.sign(options) };
}

/** Does one act. Gives the factors that were given in it where it signed somebody in, and who that was. */
async function perform(
  given: AuditAction,
  all: [Subject, Subject],
): Promise<{ in: Subject; factors: string[] } | null> {
  const [who, by] = [all[given.who], all[given.by]] as [Subject, Subject];
  addresses += 1;
  const address = `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`;
  if (given.kind === 'password' || given.kind === 'wrong_password') {
    const password = given.kind === 'password' ? PASSWORD : 'wrong';
    const result = await signIn(db.database, { email: who.person.email, password, address });
    if (!result.ok && result.reason === 'second_factor') who.pendings.push(result.pendingId);
    return result.ok ? { in: who, factors: ['password'] } : null;
  }
  if (given.kind === 'passkey_alone') {
    if (!by.authenticator) return null;
    const { options, challengeId } = await askForPasskey(db.database, { purpose: 'sign_in', userId: null });
    const signed = { challengeId, response: by.authenticator.sign(options) };
    const result = await signInWithPasskey(db.database, { signed, address });
    return result.ok ? { in: by, factors: ['device', 'its lock'] } : null;
  }
  const step = await answerOf(given, by, who);
  const pendingId = who.pendings[given.index];
  if (!step || !pendingId) return null;
  const result = await completeSecondStep(db.database, { pendingId, step, address });
  if (!result.ok) return null;
  // Only one's own factor, only after the password, and only once for each time that it was given.
  expect(given.by).toBe(given.who);
  expect(given.kind).not.toBe('old_totp');
  who.pendings = who.pendings.filter((each) => each !== pendingId);
  return { in: who, factors: ['password', given.kind] };
}

let entries = 0;

test('no sequence of acts signs anybody in with fewer factors than they have', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
      const all = await subjects();
      const sessions = new Map(all.map((subject) => [subject.person.userId, 1]));
      for (const given of acts) {
        const entered = await perform(given, all);
        if (entered) {
          expect(entered.factors).toHaveLength(2);
          entries += 1;
          const { userId } = entered.in.person;
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
    // Fixed at the normal size, so that some of the few sequences do sign in.
    { numRuns: atScale({ normal: 4, soak: 60 }) },
  );
  expect(entries, 'sign-ins that succeeded').toBeGreaterThan(0);
}, 600_000);
