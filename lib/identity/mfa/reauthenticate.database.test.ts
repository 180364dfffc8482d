import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { signOut } from '#lib/identity/sessions/sign-out.ts';
import { touchSession } from '#lib/identity/sessions/touch-session.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { wrongCode } from '#lib/testing/accounts.ts';
import { ADDRESS, codeNow, PASSWORD, testPerson, withPasskey, withTotp } from '#lib/testing/people.ts';
import { askForPasskey } from './check-passkey.ts';
import { reauthenticate } from './reauthenticate.ts';
import type { ReauthInput } from './schema.ts';

let db: TestDatabase;
let person: CurrentUser;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

beforeEach(async () => {
  person = await testPerson(db.database);
  await db.pool.query("update sessions set proven_at = now() - interval '15 minutes' where id = $1", [
    person.sessionId,
  ]);
});

const isFresh = async () =>
  (await touchSession(db.database, person.sessionId, ADDRESS))?.hasRecentAuth ?? null;
const give = (proof: ReauthInput) => reauthenticate(db.database, person, proof);
const acts = async () => {
  const { rows } = await db.pool.query(
    "select act, outcome, details from audit_events where user_id = $1 and act like 'proof.%' order by position",
    [person.userId],
  );
  return rows;
};

test('a password, a code or a passkey renews the proof, and is put on record', async () => {
  await withTotp(db.database, person);
  const { authenticator } = await withPasskey(db.database, person);
  const { options, challengeId } = await askForPasskey(db.database, {
    purpose: 'prove',
    userId: person.userId,
  });
  const proofs: ReauthInput[] = [
    { kind: 'password', password: PASSWORD },
    { kind: 'totp', code: await codeNow(db.database, person.userId) },
    { kind: 'passkey', challengeId, response: authenticator.sign(options) },
  ];
  for (const proof of proofs) {
    await db.pool.query("update sessions set proven_at = now() - interval '15 minutes'");
    expect(await isFresh()).toBe(false);
    expect(await give(proof)).toEqual({ ok: true });
    expect(await isFresh()).toBe(true);
    // A code and a signature are good once.
    if (proof.kind !== 'password') expect(await give(proof)).toEqual({ ok: false, reason: 'wrong' });
  }
  expect(await acts()).toContainEqual({ act: 'proof.given', outcome: 'done', details: { method: 'totp' } });
});

test('a wrong one does not', async () => {
  await withTotp(db.database, person);
  const code = wrongCode(await codeNow(db.database, person.userId, 1_000));
  expect(await give({ kind: 'password', password: 'not the password' })).toEqual({
    ok: false,
    reason: 'wrong',
  });
  expect(await give({ kind: 'totp', code })).toEqual({ ok: false, reason: 'wrong' });
  expect(await give({ kind: 'totp', code: '12' })).toEqual({ ok: false, reason: 'malformed' });
  expect(await isFresh()).toBe(false);
  expect(await acts()).toHaveLength(2);
});

test("nor somebody else's passkey, nor one that was asked for at sign-in", async () => {
  const { authenticator } = await withPasskey(db.database, person);
  const other = await testPerson(db.database);
  const { authenticator: foreign } = await withPasskey(db.database, other);
  const sign = async (purpose: 'prove' | 'sign_in', by: typeof foreign) => {
    const { options, challengeId } = await askForPasskey(db.database, { purpose, userId: person.userId });
    return give({ kind: 'passkey', challengeId, response: by.sign(options) });
  };
  expect(await sign('prove', foreign)).toMatchObject({ ok: false });
  expect(await sign('sign_in', authenticator)).toMatchObject({ ok: false });
  expect(await sign('prove', authenticator)).toEqual({ ok: true });
});

test('nothing renews the proof of a session that has ended, or of a person who is inactive', async () => {
  await db.pool.query('update users set active = false where id = $1', [person.userId]);
  expect(await give({ kind: 'password', password: PASSWORD })).toMatchObject({ ok: false });
  await db.pool.query('update users set active = true where id = $1', [person.userId]);
  await signOut(db.database, person.sessionId);
  expect(await give({ kind: 'password', password: PASSWORD })).toMatchObject({ ok: false });
  expect(await isFresh()).toBeNull();
});

test('a passkey that fails is put on record where its challenge was spent, not where it was made up', async () => {
  const { authenticator } = await withPasskey(db.database, person);
  const asked = await askForPasskey(db.database, { purpose: 'prove', userId: person.userId });
  const response = authenticator.sign(asked.options, { verified: false });
  for (let run = 0; run < 5; run += 1) {
    const made = await give({ kind: 'passkey', challengeId: uuidv7(), response });
    expect(made).toEqual({ ok: false, reason: 'wrong' });
  }
  expect(await acts()).toEqual([]);
  for (let run = 0; run < 5; run += 1) {
    await give({ kind: 'passkey', challengeId: asked.challengeId, response });
  }
  expect(await acts()).toEqual([{ act: 'proof.failed', outcome: 'refused', details: { method: 'passkey' } }]);
});

test('ten of fifty wrong passwords sent at once are compared, and then not even the right one', async () => {
  const proof = { kind: 'password', password: 'wrong' } as const;
  await Promise.all(Array.from({ length: 50 }, () => give(proof)));
  expect(await acts()).toHaveLength(10);
  const right = { kind: 'password', password: PASSWORD } as const;
  expect(await give(right)).toMatchObject({ ok: false, reason: 'throttled' });
  expect(await isFresh()).toBe(false);
});
