import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSession } from '#lib/identity/sessions/touch-session.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { setUpTotp } from '#lib/testing/test-users.ts';
import { reauthenticateWithSso } from './reauthenticate.ts';
import { signInWithSso } from './sign-in.ts';
import type { OidcProfile } from './validate-claims.ts';

const IP_ADDRESS = '192.0.2.1';
let db: TestDatabase;
let user: CurrentUser;
let profile: OidcProfile;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** Signs in a user who authenticated at the provider an hour ago. */
beforeEach(async () => {
  const { email } = await createTestAdministrator(db.database);
  const anHourAgo = new Date(Date.now() - 3_600_000);
  profile = {
    issuerAndSubject: `x ${uuidv7()}`,
    email,
    name: '',
    role: undefined,
    authenticatedAt: anHourAgo,
  };
  const result = await signInWithSso(db.database, { profile, client: { ipAddress: IP_ADDRESS } });
  const found = result.ok && (await readSession(db.database, result.sessionId, IP_ADDRESS));
  if (!found) throw new Error('not signed in');
  user = found;
});

const hasRecentAuth = async () => (await readSession(db.database, user.sessionId, IP_ADDRESS))?.hasRecentAuth;
const readLastAuditEvent = async () =>
  (await db.pool.query('select action, outcome, details from audit_events order by position desc limit 1'))
    .rows[0];

test('renews recent authentication if the user has just authenticated at the provider', async () => {
  expect(user.hasRecentAuth).toBe(false);
  const fresh = { ...profile, authenticatedAt: new Date() };
  expect(await reauthenticateWithSso(db.database, user, fresh)).toEqual({
    ok: true,
    sessionId: user.sessionId,
  });
  expect(await hasRecentAuth()).toBe(true);
  expect(await readLastAuditEvent()).toEqual({
    action: 'proof.given',
    outcome: 'done',
    details: { method: 'oidc' },
  });
});

test.each([
  [null, 'missing_auth_time'],
  [new Date(Date.now() - 16 * 60_000), 'stale_authentication'],
])(
  'rejects an authentication if the provider reports its time as %s, with the reason %s',
  async (authenticatedAt, reason) => {
    const stale = { ...profile, authenticatedAt };
    expect(await reauthenticateWithSso(db.database, user, stale)).toEqual({
      ok: false,
      reason,
    });
    expect(await hasRecentAuth()).toBe(false);
    expect(await readLastAuditEvent()).toEqual({
      action: 'proof.failed',
      outcome: 'refused',
      details: {
        method: 'oidc',
        reason,
        issuer: 'x',
        subject: profile.issuerAndSubject.slice(2),
      },
    });
  },
);

test('requires a second factor of a user who has one, if the provider cannot authenticate users again', async () => {
  const google = { ...profile, authenticatedAt: 'now' as const };
  const reauthenticate = () => reauthenticateWithSso(db.database, user, google);
  expect(await reauthenticate()).toMatchObject({ ok: true });
  await setUpTotp(db.database, { ...user, hasRecentAuth: true });
  await db.pool.query("update sessions set authenticated_at = now() - interval '1 hour'");
  expect(await reauthenticate()).toEqual({ ok: false, reason: 'second_factor_required' });
  expect(await hasRecentAuth()).toBe(false);
  const fresh = { ...profile, authenticatedAt: new Date() };
  expect(await reauthenticateWithSso(db.database, user, fresh)).toMatchObject({ ok: true });
});

test('rejects another account at the provider', async () => {
  const other = { ...profile, issuerAndSubject: `x ${uuidv7()}`, authenticatedAt: new Date() };
  expect(await reauthenticateWithSso(db.database, user, other)).toEqual({
    ok: false,
    reason: 'wrong_account',
  });
  expect(await hasRecentAuth()).toBe(false);
});

test('records at most 20 refusals an hour per account at the provider', async () => {
  const countRecorded = async () =>
    (
      await db.pool.query(
        `select count(*)::int as count from audit_events where action = 'proof.failed' and user_id = $1`,
        [user.userId],
      )
    ).rows[0].count;
  const refuse = () => reauthenticateWithSso(db.database, user, { ...profile, authenticatedAt: null });
  const results = [];
  for (let times = 0; times < 25; times += 1) results.push(await refuse());
  // The unrecorded re-authentications are refused too.
  expect(results.every(({ ok }) => !ok)).toBe(true);
  expect(await countRecorded()).toBe(20);
  const other = { ...profile, issuerAndSubject: `x ${uuidv7()}` };
  expect((await reauthenticateWithSso(db.database, user, other)).ok).toBe(false);
  expect(await countRecorded()).toBe(21);
  const fresh = { ...profile, authenticatedAt: new Date() };
  expect((await reauthenticateWithSso(db.database, user, fresh)).ok).toBe(true);
  expect(await readLastAuditEvent()).toMatchObject({ action: 'proof.given' });
});

test('rejects an ended session and an inactive user', async () => {
  const fresh = { ...profile, authenticatedAt: new Date() };
  await db.pool.query('update users set active = false where id = $1', [user.userId]);
  expect((await reauthenticateWithSso(db.database, user, fresh)).ok).toBe(false);
  await db.pool.query('update users set active = true where id = $1', [user.userId]);
  await db.pool.query('update sessions set ended_at = now() where id = $1', [user.sessionId]);
  expect((await reauthenticateWithSso(db.database, user, fresh)).ok).toBe(false);
});
