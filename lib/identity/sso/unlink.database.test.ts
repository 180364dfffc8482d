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
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { createOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { until } from '#lib/testing/until.ts';
import { inviteTestUser, readTestUser, readUserAuditEvents } from '#lib/testing/users.ts';
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

const IP_ADDRESS = '192.0.2.1';

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

const trySignIn = (profile: OidcProfile, { database } = db) =>
  signInWithSso(database, { profile, client: { ipAddress: IP_ADDRESS } });

/** Creates an administrator with a password session and a single sign-on session. */
async function createLinkedUser(testDatabase = db) {
  const user = await createTestAdministrator(testDatabase.database);
  const profile = createOidcProfile({ email: user.email });
  const signedIn = await trySignIn(profile, testDatabase);
  if (!signedIn.ok) throw new Error(signedIn.reason);
  return { ...user, profile, ssoSessionId: signedIn.sessionId };
}

const unlink = (actor: Administrator, id: string, { database } = db) =>
  unlinkSso(database, actor, { id, version: 1 });
const isSessionActive = async (id: string) => (await readSession(db.database, id, IP_ADDRESS)) !== null;
const readUnlinkEvents = async (userId: string) =>
  (await readUserAuditEvents(db, userId)).filter(({ action }) => action === 'identity.forgotten');

test('lets a recreated account link by its email address, and rejects the earlier account', async () => {
  const user = await createLinkedUser();
  const { userId, email, profile } = user;
  const replacement = createOidcProfile({ email });
  expect(await trySignIn(replacement)).toEqual({ ok: false, reason: 'email_linked_elsewhere' });
  expect(await readTestUser(db, userId)).toMatchObject({ provider: 'Northwind', isRoleFromClaim: false });
  expect(await unlink(administrator, userId)).toEqual({ ok: true, email, keptOwnSession: false });
  expect(await readTestUser(db, userId)).toMatchObject({ provider: null, isRoleFromClaim: false });
  expect(await trySignIn(replacement)).toMatchObject({ ok: true });
  expect(await trySignIn(profile)).toEqual({ ok: false, reason: 'email_linked_elsewhere' });
});

test('keeps an account that was linked after the administrator had read the user', async () => {
  const { userId, email } = await createLinkedUser();
  const { identityId: seenId } = await readTestUser(db, userId);
  const unlinkSeen = (identityId: string | null) =>
    unlinkSso(db.database, administrator, { id: userId, version: 1, identityId });
  await unlinkSeen(seenId);
  await trySignIn(createOidcProfile({ email }));
  const { identityId } = await readTestUser(db, userId);
  expect(await unlinkSeen(seenId)).toEqual({ ok: false, reason: 'relinked', identityId });
  expect(await readTestUser(db, userId)).toMatchObject({ provider: 'Northwind', identityId });
  expect(await unlinkSeen(identityId)).toMatchObject({ ok: true });
  expect(await unlinkSeen(identityId)).toEqual({ ok: false, reason: 'not_linked' });
});

test('ends sessions and pending sign-ins, notifies the user, and records the unlinked account', async () => {
  const { userId, email, sessionId, ssoSessionId, profile } = await createLinkedUser();
  await withTransaction(db.database, (transaction) => startPendingSignIn(transaction, userId));
  await unlink(administrator, userId);
  expect([await isSessionActive(sessionId), await isSessionActive(ssoSessionId)]).toEqual([false, false]);
  const { rows } = await db.pool.query(
    `select (select count(*)::int from pending_sign_ins where user_id = $1) as pending,
       (select array_agg(distinct end_reason) from sessions where user_id = $1) as "endReasons",
       (select notice_to from messages where user_id = $1 and notice = 'single_sign_on_unlinked') as "noticeTo"`,
    [userId],
  );
  expect(rows).toEqual([{ pending: 0, endReasons: ['factor_changed'], noticeTo: email }]);
  const details = { ...parseIdentity(profile.issuerAndSubject), sessionsEnded: 2 };
  expect(await readUnlinkEvents(userId)).toEqual([{ action: 'identity.forgotten', details }]);
});

test('requires recent authentication, and rejects an unknown user and users without a linked account', async () => {
  const { userId, ssoSessionId } = await createLinkedUser();
  const stale = { ...administrator, hasRecentAuth: false } as Administrator;
  expect(await unlink(stale, userId)).toEqual({ ok: false, reason: 'reauthentication_required' });
  expect(await isSessionActive(ssoSessionId)).toBe(true);
  expect(await unlink(administrator, uuidv7())).toEqual({ ok: false, reason: 'not_found' });
  const invited = await inviteTestUser(db, administrator, `${uuidv7()}@example.com`);
  expect(await unlink(administrator, invited.id)).toEqual({ ok: false, reason: 'not_linked' });
  const other = await createTestAdministrator(db.database);
  expect(await unlink(administrator, other.userId)).toEqual({ ok: false, reason: 'not_linked' });
  expect(await isSessionActive(other.sessionId)).toBe(true);
});

test('keeps the current session of an administrator who unlinks their own account', async () => {
  const user = await createLinkedUser();
  const { userId, email, sessionId, ssoSessionId, profile } = user;
  expect(await unlink(user, userId)).toEqual({ ok: true, email, keptOwnSession: true });
  expect([await isSessionActive(sessionId), await isSessionActive(ssoSessionId)]).toEqual([true, false]);
  expect(await reauthenticateWithSso(db.database, user, profile)).toEqual({
    ok: false,
    reason: 'wrong_account',
  });
});

test('unlinks once if administrators do so concurrently, and refuses one of two who unlink each other', async () => {
  const { userId } = await createLinkedUser();
  const other = await createTestAdministrator(db.database);
  const results = await Promise.all(
    [administrator, other, administrator, other].map((each) => unlink(each, userId)),
  );
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  for (const result of results) if (!result.ok) expect(result.reason).toBe('not_linked');
  expect(await readUnlinkEvents(userId)).toHaveLength(1);
  const [one, two] = [await createLinkedUser(), await createLinkedUser()];
  const each = await Promise.all([unlink(one, two.userId), unlink(two, one.userId)]);
  expect(each.filter(({ ok }) => ok)).toHaveLength(1);
  expect(each.filter((result) => !result.ok && result.reason === 'signed_out')).toHaveLength(1);
});

test('ends a concurrent sign-in that comes first, and lets one that comes later link again', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { userId, profile } = await createLinkedUser();
    const [signedIn, done] = await Promise.all([trySignIn(profile), unlink(administrator, userId)]);
    if (!signedIn.ok || !done.ok) throw new Error('refused');
    // A session is active only if the account is linked.
    const isLinked = (await readTestUser(db, userId)).provider !== null;
    expect(await isSessionActive(signedIn.sessionId)).toBe(isLinked);
  }
});

/** Waits until this number of statements in this database wait for a lock, and returns the number. */
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

test('makes a sign-in wait while the command line unlinks the account', async () => {
  const { userId, email, profile } = await createLinkedUser();
  const { pendingReset, pendingSignIn } = await withTransaction(db.database, async (transaction) => {
    // Stops the reset after `lockUsers`, until this transaction ends.
    await lockUser(transaction, userId);
    const input = { email, removeSecondFactor: false, unlinkSso: true };
    const pendingReset = resetPasswordAtConsole(db.database, input);
    expect(await waitForLocks(1)).toBe(1);
    const pendingSignIn = trySignIn(profile);
    expect(await waitForLocks(2)).toBe(2);
    return { pendingReset, pendingSignIn };
  });
  expect(await pendingReset).toMatchObject({ ok: true, singleSignOn: 'unlinked' });
  const signedIn = await pendingSignIn;
  if (!signedIn.ok) throw new Error(signedIn.reason);
  const isLinked = (await readTestUser(db, userId)).provider !== null;
  expect(await isSessionActive(signedIn.sessionId)).toBe(isLinked);
});

test('refuses to unlink the last administrator who can sign in, unless they have a password', async () => {
  // Has no other administrators.
  const alone = await createTestDatabase();
  const user = await createLinkedUser(alone);
  expect(await unlink(user, user.userId, alone)).toMatchObject({ ok: true });
  await trySignIn(user.profile, alone);
  Object.assign(settings(), { isLocalAuthEnabled: false });
  try {
    expect(await unlink(user, user.userId, alone)).toEqual({ ok: false, reason: 'last_administrator' });
    const other = await createLinkedUser(alone);
    expect(await unlink(other, user.userId, alone)).toMatchObject({ ok: true });
    expect(await unlink(other, other.userId, alone)).toEqual({ ok: false, reason: 'last_administrator' });
  } finally {
    Object.assign(settings(), { isLocalAuthEnabled: true });
  }
  await alone.drop();
});
