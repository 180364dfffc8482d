import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resendInvitation } from '#lib/identity/users/invite-again.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { createOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { editUser, inviteTestUser, readTestUser } from '#lib/testing/users.ts';
import { signInWithSso } from './sign-in.ts';
import { unlinkSso } from './unlink.ts';
import type { OidcProfile } from './validate-claims.ts';

setEnvironment({
  OIDC_ISSUER: 'https://id.example.org',
  OIDC_CLIENT_ID: 'stagedoor',
  OIDC_CLIENT_SECRET: 'secret',
  OIDC_NAME: 'Northwind',
});

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** Creates a profile of a new account at the provider. */
const createProfile = (email: string) => createOidcProfile({ email });
const trySignIn = (profile: OidcProfile) =>
  signInWithSso(db.database, { profile, client: { ipAddress: '192.0.2.1' } });
const unlink = (actor: Administrator, id: string, version = 1) =>
  unlinkSso(db.database, actor, { id, version });

test('notifies the previous email address of an unlinked user when it changes', async () => {
  const invited = await inviteTestUser(db, administrator, `${uuidv7()}@example.com`);
  const { id, email } = invited;
  expect(invited.hasAcceptedInvitation).toBe(false);
  expect(await trySignIn(createProfile(email))).toMatchObject({ ok: true });
  await unlink(administrator, id);
  expect(await readTestUser(db, id)).toMatchObject({ hasSignInMethod: false, hasAcceptedInvitation: true });
  const saved = await editUser(db, administrator, id, { email: `colleague-${email}` });
  expect(saved).toMatchObject({ ok: true, notifiedAddress: email });
  const { rows } = await db.pool.query(
    "select notice_to from messages where user_id = $1 and notice = 'email_changed'",
    [id],
  );
  expect(rows).toEqual([{ notice_to: email }]);
});

test('lists an unlinked user as not linked unless an invitation is open', async () => {
  const { id, email } = await inviteTestUser(db, administrator, `${uuidv7()}@example.com`);
  const readState = async () => (await readTestUser(db, id)).invitation;
  await trySignIn(createProfile(email));
  expect(await readState()).toBeNull();
  await unlink(administrator, id);
  expect(await readState()).toBe('unlinked');
  const { singleSignOn } = settings();
  Object.assign(settings(), { singleSignOn: null });
  const stateWithoutProvider = await readState();
  Object.assign(settings(), { singleSignOn });
  expect(stateWithoutProvider).toBe('no_sign_in_method');
  const inviteAgain = () => resendInvitation(db.database, administrator, { id });
  expect(await inviteAgain()).toMatchObject({ ok: true });
  expect(await readState()).toBe('open');
  await db.pool.query('update user_links set expires_at = now() where user_id = $1', [id]);
  expect(await readState()).toBe('unlinked');
  await inviteAgain();
  await trySignIn(createProfile(email));
  expect(await readState()).toBeNull();
});

test('lists a user who was created by a claim as not linked after unlinking', async () => {
  const profile = { ...createProfile(`${uuidv7()}@example.com`), role: 'settings_viewer' as const };
  expect(await trySignIn(profile)).toMatchObject({ ok: true });
  const { rows } = await db.pool.query('select id from users where email = $1', [profile.email]);
  await unlink(administrator, rows[0].id);
  expect(await readTestUser(db, rows[0].id)).toMatchObject({
    hasSignInMethod: false,
    invitation: 'unlinked',
  });
});

test('unlinks nothing if the user was saved since the editor was opened, and returns who saved them', async () => {
  const { id, email } = await inviteTestUser(db, administrator, `${uuidv7()}@example.com`);
  await trySignIn(createProfile(email));
  const loaded = await readTestUser(db, id);
  await editUser(db, administrator, loaded, { email: `other-${email}` });
  const current = await readTestUser(db, id);
  const conflict = { ok: false, reason: 'conflict', current, changedBy: administrator.name };
  expect(await unlink(administrator, id, loaded.version)).toEqual(conflict);
  expect(await readTestUser(db, id)).toEqual(current);
  expect(await unlink(administrator, id, current.version)).toMatchObject({
    ok: true,
    email: `other-${email}`,
  });
});
