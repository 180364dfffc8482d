import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSession } from '#lib/identity/sessions/touch-session.ts';
import { isKnownIpAddress } from '#lib/identity/sign-in/rate-limits.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { createOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { createTestUser, setUpTotp } from '#lib/testing/test-users.ts';
import { editUser, inviteTestUser } from '#lib/testing/users.ts';
import { parseIdentity } from './identities.ts';
import { signInWithSso } from './sign-in.ts';
import type { OidcProfile } from './validate-claims.ts';

setEnvironment({
  OIDC_ISSUER: 'https://id.example.org',
  OIDC_CLIENT_ID: 'stagedoor',
  OIDC_CLIENT_SECRET: 'secret',
});

const IP_ADDRESS = '192.0.2.1';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const trySignIn = (profile: OidcProfile) =>
  signInWithSso(db.database, { profile, client: { ipAddress: IP_ADDRESS } });
async function signInUser(profile: OidcProfile) {
  const result = await trySignIn(profile);
  if (!result.ok) throw new Error(result.reason);
  const user = await readSession(db.database, result.sessionId, IP_ADDRESS);
  if (!user) throw new Error('no session');
  return user;
}
const readAuditActions = async (userId: string) =>
  (
    await db.pool.query<{ action: string }>(
      `select action || case outcome when 'refused' then ' refused' else '' end as action from audit_events
       where user_id = $1 or target_user_id = $1 order by position`,
      [userId],
    )
  ).rows.map(({ action }) => action);
const isSessionActive = async (id: string) => (await readSession(db.database, id, IP_ADDRESS)) !== null;

test('finds the user by email address at the first sign-in, and by identity later', async () => {
  const ada = await createTestAdministrator(db.database);
  const profile = createOidcProfile({ email: ada.email.toUpperCase() });
  const user = await signInUser(profile);
  expect(user).toMatchObject({ userId: ada.userId, name: ada.name, role: ada.role, hasRecentAuth: true });
  expect(await readAuditActions(ada.userId)).toEqual(['identity.linked', 'sign_in.succeeded']);
  const linkEvents = await db.pool.query(
    "select details from audit_events where action = 'identity.linked' and user_id = $1",
    [ada.userId],
  );
  expect(linkEvents.rows).toEqual([{ details: parseIdentity(profile.issuerAndSubject) }]);
  // After that, the email address at the provider no longer matters.
  const secondSession = await signInUser({ ...profile, email: null });
  expect(secondSession.userId).toBe(ada.userId);
  const { rows } = await db.pool.query('select method from sessions where user_id = $1 and id <> $2', [
    ada.userId,
    ada.sessionId,
  ]);
  expect(rows.map(({ method }) => method)).toEqual(['oidc', 'oidc']);
});

test('notifies a user with a password that single sign-on was linked', async () => {
  const ada = await createTestAdministrator(db.database);
  await signInUser(createOidcProfile({ email: ada.email }));
  const { rows } = await db.pool.query('select notice from messages where user_id = $1', [ada.userId]);
  expect(rows).toEqual([{ notice: 'single_sign_on_linked' }]);
});

test('signs an invited user in, and withdraws the link of the invitation', async () => {
  const administrator = await createTestAdministrator(db.database);
  const { id, email } = await inviteTestUser(db, administrator, `${uuidv7()}@example.com`);
  expect(await signInUser(createOidcProfile({ email }))).toMatchObject({ userId: id, name: 'Grace Hopper' });
  const { rows } = await db.pool.query('select end_reason from user_links where user_id = $1', [id]);
  expect(rows).toEqual([{ end_reason: 'withdrawn' }]);
});

test('links a user to accounts at two providers', async () => {
  const { email, userId } = await createTestAdministrator(db.database);
  await signInUser(createOidcProfile({ email }));
  const otherProvider = createOidcProfile({ email, issuerAndSubject: `https://id.example.com ${uuidv7()}` });
  expect((await signInUser(otherProvider)).userId).toBe(userId);
});

test.each([
  ['unknown', {}],
  ['unknown', { role: null }],
  ['no_email', { email: null }],
  ['no_email', { email: null, role: 'settings_administrator' as const }],
  ['missing_email', { email: null, emailProblem: 'missing_email' as const }],
  ['missing_acct', { email: null, emailProblem: 'missing_acct' as const }],
  ['missing_role_claim', { role: null, isRoleClaimMissing: true }],
])('rejects with the reason %s a profile with %j', async (reason, fields) => {
  const profile = createOidcProfile(fields);
  expect(await trySignIn(profile)).toEqual({ ok: false, reason });
  const { rows } = await db.pool.query(
    "select details from audit_events where action = 'sign_in.failed' order by position desc limit 1",
  );
  expect(rows).toEqual([{ details: { method: 'oidc', reason, ...parseIdentity(profile.issuerAndSubject) } }]);
});

test('knows the IP address for sign-ins by password, too', async () => {
  const { email } = await createTestAdministrator(db.database);
  expect(await isKnownIpAddress(db.pool, { email, ipAddress: IP_ADDRESS })).toBe(false);
  await signInUser(createOidcProfile({ email }));
  expect(await isKnownIpAddress(db.pool, { email, ipAddress: IP_ADDRESS })).toBe(true);
});

test('does not count as recent authentication without a new one at the provider, if the user has a second factor', async () => {
  const user = await createTestUser(db.database);
  const profile = createOidcProfile({ email: user.email, authenticatedAt: 'now' });
  expect(await signInUser(profile)).toMatchObject({ hasRecentAuth: true });
  await setUpTotp(db.database, user);
  expect(await signInUser(profile)).toMatchObject({ hasRecentAuth: false });
  expect(await signInUser({ ...profile, authenticatedAt: new Date() })).toMatchObject({
    hasRecentAuth: true,
  });
});

test('records at most 20 refusals an hour per account at the provider', async () => {
  const countFailures = async () =>
    (await db.pool.query("select 1 from audit_events where action = 'sign_in.failed'")).rows.length;
  const before = await countFailures();
  const profile = createOidcProfile();
  await Promise.all(Array.from({ length: 40 }, () => trySignIn(profile)));
  expect((await countFailures()) - before).toBe(20);
});

test('rejects an inactive user, and a second account with the same email address', async () => {
  const administrator = await createTestAdministrator(db.database);
  const ada = await createTestAdministrator(db.database);
  const profile = createOidcProfile({ email: ada.email });
  const user = await signInUser(profile);
  expect(await trySignIn(createOidcProfile({ email: ada.email }))).toEqual({
    ok: false,
    reason: 'email_linked_elsewhere',
  });
  await editUser(db, administrator, ada.userId, { active: false });
  expect(await isSessionActive(user.sessionId)).toBe(false);
  expect(await trySignIn(profile)).toEqual({ ok: false, reason: 'inactive' });
  expect(await trySignIn(createOidcProfile({ email: ada.email }))).toEqual({ ok: false, reason: 'inactive' });
});

test('creates one user if a claim gives a role, even with concurrent sign-ins', async () => {
  const profile = createOidcProfile({ role: 'settings_viewer' });
  const sessions = await Promise.all(Array.from({ length: 10 }, () => signInUser(profile)));
  expect(new Set(sessions.map(({ userId }) => userId)).size).toBe(1);
  expect(sessions[0]).toMatchObject({ name: 'Grace Hopper', email: profile.email, role: 'settings_viewer' });
  expect(
    (await readAuditActions(sessions[0]?.userId ?? '')).filter((action) => action !== 'sign_in.succeeded'),
  ).toEqual(['user.created', 'identity.linked']);
  const { rows } = await db.pool.query('select user_id from identities where issuer_and_subject = $1', [
    profile.issuerAndSubject,
  ]);
  expect(rows).toEqual([{ user_id: sessions[0]?.userId }]);
});

test('creates one user for two concurrent accounts with the same new email address', async () => {
  const [one, other] = [
    createOidcProfile({ role: 'settings_viewer' }),
    createOidcProfile({ role: 'settings_viewer' }),
  ];
  const email = one.email?.toUpperCase() ?? '';
  const results = await Promise.all([trySignIn(one), trySignIn({ ...other, email })]);
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results).toContainEqual({ ok: false, reason: 'email_linked_elsewhere' });
  const { rows } = await db.pool.query(
    'select u.id from users u join identities i on i.user_id = u.id where u.email_folded = $1',
    [one.email],
  );
  expect(rows).toHaveLength(1);
});

test('sets the role from the claim on each sign-in, and ends the earlier sessions if it changes', async () => {
  const profile = createOidcProfile({ role: 'settings_administrator' });
  const before = await signInUser(profile);
  expect(before.role).toBe('settings_administrator');
  const after = await signInUser({ ...profile, role: 'settings_viewer' });
  expect(after.role).toBe('settings_viewer');
  expect(await isSessionActive(before.sessionId)).toBe(false);
  expect((await signInUser({ ...profile, role: null })).role).toBeNull();
  const roleChanges = (await readAuditActions(after.userId)).filter((action) =>
    action.startsWith('user.role'),
  );
  expect(roleChanges).toEqual(['user.role_claimed', 'user.role_claimed']);
});

test('keeps the role of one of two administrators who concurrently lose it', async () => {
  // Has no other administrators.
  const alone = await createTestDatabase();
  const [one, two] = [
    createOidcProfile({ role: 'settings_administrator' }),
    createOidcProfile({ role: 'settings_administrator' }),
  ];
  const signInAlone = (profile: OidcProfile) =>
    signInWithSso(alone.database, { profile, client: { ipAddress: IP_ADDRESS } });
  await signInAlone(one);
  await signInAlone(two);
  await Promise.all([signInAlone({ ...one, role: null }), signInAlone({ ...two, role: 'settings_viewer' })]);
  const { rows } = await alone.pool.query("select 1 from users where role = 'settings_administrator'");
  expect(rows).toHaveLength(1);
  const refused = await alone.pool.query(
    "select 1 from audit_events where action = 'user.role_claimed' and outcome = 'refused'",
  );
  expect(refused.rows).toHaveLength(1);
  await alone.drop();
});

test('has recent authentication only if the user recently authenticated at the provider', async () => {
  const ada = await createTestAdministrator(db.database);
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const profile = createOidcProfile({ email: ada.email });
  for (const [authenticatedAt, isRecent] of [
    [minutesAgo(14), true],
    [minutesAgo(16), false],
    // A time in the future counts as now.
    [minutesAgo(-60), true],
    [null, false],
    ['now', true],
  ] as const) {
    expect((await signInUser({ ...profile, authenticatedAt })).hasRecentAuth).toBe(isRecent);
  }
  const { rows } = await db.pool.query('select max(authenticated_at) <= now() as past from sessions');
  expect(rows).toEqual([{ past: true }]);
});
