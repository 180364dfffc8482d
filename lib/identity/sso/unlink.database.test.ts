import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { readSession } from '#lib/identity/sessions/touch-session.ts';
import { startPendingSignIn } from '#lib/identity/sign-in/pending-sign-in.ts';
import { resetPasswordAtConsole } from '#lib/identity/users/reset-password-at-console.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { someOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { until } from '#lib/testing/until.ts';
import { auditEventsOn, invitedUser, userOf } from '#lib/testing/users.ts';
import { parseIdentity } from './identities.ts';
import { reauthenticateWithSso } from './reauthenticate.ts';
import { signInWithSso } from './sign-in.ts';
import { unlinkSso } from './unlink.ts';
import type { OidcProfile } from './validate-claims.ts';

setEnvironment({
  OIDC_ISSUER: 'https://id.example.org',
  OIDC_CLIENT_ID: 'stagedoor',
  OIDC_CLIENT_SECRET: 'secret',
  OIDC_NAME: 'Northwind',
});

const ADDRESS = '192.0.2.1';

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await testAdministrator(db.database);
});
afterAll(() => db.drop());

const trySignIn = (profile: OidcProfile, { database } = db) =>
  signInWithSso(database, { profile, client: { address: ADDRESS } });

/** Creates an administrator with a password session and a single sign-on session. */
async function linkedUser(of = db) {
  const user = await testAdministrator(of.database);
  const profile = someOidcProfile({ email: user.email });
  const signedIn = await trySignIn(profile, of);
  if (!signedIn.ok) throw new Error(signedIn.reason);
  return { ...user, profile, ssoSessionId: signedIn.sessionId };
}

const unlink = (actor: Administrator, id: string, { database } = db) =>
  unlinkSso(database, actor, { id, version: 1 });
const isSessionActive = async (id: string) => (await readSession(db.database, id, ADDRESS)) !== null;
const unlinkEvents = async (userId: string) =>
  (await auditEventsOn(db, userId)).filter(({ action }) => action === 'identity.forgotten');

test('links a recreated account by its email address, and rejects the earlier one', async () => {
  const user = await linkedUser();
  const { userId, email, profile } = user;
  const replacement = someOidcProfile({ email });
  expect(await trySignIn(replacement)).toEqual({ ok: false, reason: 'other_identity' });
  expect(await userOf(db, userId)).toMatchObject({ provider: 'Northwind', roleByClaim: false });
  expect(await unlink(administrator, userId)).toEqual({ ok: true, email, keptOwnSession: false });
  expect(await userOf(db, userId)).toMatchObject({ provider: null, roleByClaim: false });
  expect(await trySignIn(replacement)).toMatchObject({ ok: true });
  expect(await trySignIn(profile)).toEqual({ ok: false, reason: 'other_identity' });
});

test('ends sessions and pending sign-ins, notifies the user, and records the unlinked account', async () => {
  const { userId, email, sessionId, ssoSessionId, profile } = await linkedUser();
  await withTransaction(db.database, (transaction) => startPendingSignIn(transaction, userId));
  await unlink(administrator, userId);
  expect([await isSessionActive(sessionId), await isSessionActive(ssoSessionId)]).toEqual([false, false]);
  const { rows } = await db.pool.query(
    `select (select count(*)::int from pending_sign_ins where user_id = $1) as pending,
       (select array_agg(distinct end_reason) from sessions where user_id = $1) as because,
       (select notice_to from messages where user_id = $1 and notice = 'single_sign_on_unlinked') as told`,
    [userId],
  );
  expect(rows).toEqual([{ pending: 0, because: ['factor_changed'], told: email }]);
  const details = { ...parseIdentity(profile.issuerAndSubject), sessionsEnded: 2 };
  expect(await unlinkEvents(userId)).toEqual([{ action: 'identity.forgotten', details }]);
});

test('requires recent authentication, and rejects an unknown user and one without an account', async () => {
  const { userId, ssoSessionId } = await linkedUser();
  const stale = { ...administrator, hasRecentAuth: false } as Administrator;
  expect(await unlink(stale, userId)).toEqual({ ok: false, reason: 'reauthentication_required' });
  expect(await isSessionActive(ssoSessionId)).toBe(true);
  expect(await unlink(administrator, uuidv7())).toEqual({ ok: false, reason: 'missing' });
  const invited = await invitedUser(db, administrator, `${uuidv7()}@example.com`);
  expect(await unlink(administrator, invited.id)).toEqual({ ok: false, reason: 'not_linked' });
  const other = await testAdministrator(db.database);
  expect(await unlink(administrator, other.userId)).toEqual({ ok: false, reason: 'not_linked' });
  expect(await isSessionActive(other.sessionId)).toBe(true);
});

test('keeps the session of an administrator who unlinks themselves, but not single sign-on', async () => {
  const user = await linkedUser();
  const { userId, email, sessionId, ssoSessionId, profile } = user;
  expect(await unlink(user, userId)).toEqual({ ok: true, email, keptOwnSession: true });
  expect([await isSessionActive(sessionId), await isSessionActive(ssoSessionId)]).toEqual([true, false]);
  expect(await reauthenticateWithSso(db.database, user, profile)).toEqual({
    ok: false,
    reason: 'other_person',
  });
});

test('unlinks once for concurrent administrators, and once for two who unlink each other', async () => {
  const { userId } = await linkedUser();
  const other = await testAdministrator(db.database);
  const results = await Promise.all(
    [administrator, other, administrator, other].map((each) => unlink(each, userId)),
  );
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  for (const result of results) if (!result.ok) expect(result.reason).toBe('not_linked');
  expect(await unlinkEvents(userId)).toHaveLength(1);
  const [one, two] = [await linkedUser(), await linkedUser()];
  const each = await Promise.all([unlink(one, two.userId), unlink(two, one.userId)]);
  expect(each.filter(({ ok }) => ok)).toHaveLength(1);
  expect(each.filter((result) => !result.ok && result.reason === 'signed_out')).toHaveLength(1);
});

test('ends a concurrent sign-in, or lets it link again afterwards', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { userId, profile } = await linkedUser();
    const [signedIn, done] = await Promise.all([trySignIn(profile), unlink(administrator, userId)]);
    if (!signedIn.ok || !done.ok) throw new Error('refused');
    // No active session belongs to an unlinked account.
    const isLinked = (await userOf(db, userId)).provider !== null;
    expect(await isSessionActive(signedIn.sessionId)).toBe(isLinked);
  }
});

/** Resolves once this number of statements in this database wait for a lock. */
const waitForLocks = (count: number) =>
  until(
    async () =>
      (
        await db.pool.query(
          "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).rows.length,
    (found) => found === count,
  );

test('makes a sign-in wait for the unlinking on the command line, then links again', async () => {
  const { userId, email, profile } = await linkedUser();
  const { pendingReset, pendingSignIn } = await withTransaction(db.database, async (transaction) => {
    await lockUser(transaction, userId);
    const input = { email, removeSecondFactor: false, unlinkSso: true };
    const pendingReset = resetPasswordAtConsole(db.database, input);
    expect(await waitForLocks(1)).toBe(1);
    const pendingSignIn = trySignIn(profile);
    expect(await waitForLocks(2)).toBe(2);
    return { pendingReset, pendingSignIn };
  });
  expect(await pendingReset).toMatchObject({ ok: true, singleSignOn: 'forgotten' });
  const signedIn = await pendingSignIn;
  if (!signedIn.ok) throw new Error(signedIn.reason);
  const isLinked = (await userOf(db, userId)).provider !== null;
  expect(await isSessionActive(signedIn.sessionId)).toBe(isLinked);
});

test('refuses to unlink the last administrator, unless they can sign in with a password', async () => {
  const alone = await createTestDatabase();
  const user = await linkedUser(alone);
  expect(await unlink(user, user.userId, alone)).toMatchObject({ ok: true });
  await trySignIn(user.profile, alone);
  Object.assign(settings(), { passwordSignIn: false });
  try {
    expect(await unlink(user, user.userId, alone)).toEqual({ ok: false, reason: 'last' });
    const other = await linkedUser(alone);
    expect(await unlink(other, user.userId, alone)).toMatchObject({ ok: true });
    expect(await unlink(other, other.userId, alone)).toEqual({ ok: false, reason: 'last' });
  } finally {
    Object.assign(settings(), { passwordSignIn: true });
  }
  await alone.drop();
});
