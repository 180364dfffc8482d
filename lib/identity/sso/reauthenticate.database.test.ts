import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSession } from '#lib/identity/sessions/read-session.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { reauthenticateWithSso } from './reauthenticate.ts';
import { signInWithSso } from './sign-in.ts';
import type { OidcProfile } from './validate-claims.ts';

const ADDRESS = '192.0.2.1';
let db: TestDatabase;
let person: CurrentUser;
let holder: OidcProfile;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** Signed in, asked by the provider an hour ago. */
beforeEach(async () => {
  const { email } = await testAdministrator(db.database);
  const long = new Date(Date.now() - 3_600_000);
  holder = { issuerAndSubject: `x ${uuidv7()}`, email, name: '', role: undefined, authenticatedAt: long };
  const result = await signInWithSso(db.database, { holder, arrival: { address: ADDRESS } });
  const found = result.ok && (await readSession(db.database, result.sessionId, ADDRESS));
  if (!found) throw new Error('not signed in');
  person = found;
});

const isProven = async () => (await readSession(db.database, person.sessionId, ADDRESS))?.hasRecentAuth;
const lastAct = async () =>
  (await db.pool.query('select act, outcome, details from audit_events order by position desc limit 1'))
    .rows[0];

test('renews the proof of this session where the provider has just asked', async () => {
  expect(person.hasRecentAuth).toBe(false);
  const fresh = { ...holder, authenticatedAt: new Date() };
  expect(await reauthenticateWithSso(db.database, person, fresh)).toEqual({
    ok: true,
    sessionId: person.sessionId,
  });
  expect(await isProven()).toBe(true);
  expect(await lastAct()).toEqual({ act: 'proof.given', outcome: 'done', details: { method: 'oidc' } });
});

test.each([null, new Date(Date.now() - 16 * 60_000)])(
  'is none where it asked at %s',
  async (authenticatedAt) => {
    const stale = { ...holder, authenticatedAt };
    expect(await reauthenticateWithSso(db.database, person, stale)).toEqual({
      ok: false,
      reason: 'not_fresh',
    });
    expect(await isProven()).toBe(false);
    expect(await lastAct()).toEqual({
      act: 'proof.failed',
      outcome: 'refused',
      details: {
        method: 'oidc',
        reason: 'not_fresh',
        issuer: 'x',
        subject: holder.issuerAndSubject.slice(2),
      },
    });
  },
);

test('is none by somebody else, whoever they are', async () => {
  const other = { ...holder, issuerAndSubject: `x ${uuidv7()}`, authenticatedAt: new Date() };
  expect(await reauthenticateWithSso(db.database, person, other)).toEqual({
    ok: false,
    reason: 'other_person',
  });
  expect(await isProven()).toBe(false);
});

test('is on record where it was refused 20 times an hour at most, of each account at the provider', async () => {
  const onRecord = async () =>
    (
      await db.pool.query(
        `select count(*)::int as n from audit_events where act = 'proof.failed' and user_id = $1`,
        [person.userId],
      )
    ).rows[0].n;
  const refused = () => reauthenticateWithSso(db.database, person, { ...holder, authenticatedAt: null });
  const results = [];
  for (let times = 0; times < 25; times += 1) results.push(await refused());
  // They are refused all the same.
  expect(results.every(({ ok }) => !ok)).toBe(true);
  expect(await onRecord()).toBe(20);
  const other = { ...holder, issuerAndSubject: `x ${uuidv7()}` };
  expect((await reauthenticateWithSso(db.database, person, other)).ok).toBe(false);
  expect(await onRecord()).toBe(21);
  const fresh = { ...holder, authenticatedAt: new Date() };
  expect((await reauthenticateWithSso(db.database, person, fresh)).ok).toBe(true);
  expect(await lastAct()).toMatchObject({ act: 'proof.given' });
});

test('is none of a session that has ended, or of somebody who may not sign in', async () => {
  const fresh = { ...holder, authenticatedAt: new Date() };
  await db.pool.query('update users set active = false where id = $1', [person.userId]);
  expect((await reauthenticateWithSso(db.database, person, fresh)).ok).toBe(false);
  await db.pool.query('update users set active = true where id = $1', [person.userId]);
  await db.pool.query('update sessions set ended_at = now() where id = $1', [person.sessionId]);
  expect((await reauthenticateWithSso(db.database, person, fresh)).ok).toBe(false);
});
