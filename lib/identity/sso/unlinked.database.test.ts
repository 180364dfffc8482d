import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resendInvitation } from '#lib/identity/users/invite-again.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { editUser, invitedUser, userOf } from '#lib/testing/users.ts';
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
  administrator = await testAdministrator(db.database);
});
afterAll(() => db.drop());

/** Returns a new account at the provider each time. */
const accountOf = (email: string): OidcProfile => ({
  ...{ issuerAndSubject: `https://id.example.org ${uuidv7()}`, email },
  ...{ name: 'Grace Hopper', role: undefined, authenticatedAt: new Date() },
});
const trySignIn = (profile: OidcProfile) =>
  signInWithSso(db.database, { profile, client: { address: '192.0.2.1' } });
const unlink = (actor: Administrator, id: string, version = 1) =>
  unlinkSso(db.database, actor, { id, version });

test('notifies the previous email address of an unlinked user', async () => {
  const invited = await invitedUser(db, administrator, `${uuidv7()}@example.com`);
  const { id, email } = invited;
  expect(invited.accepted).toBe(false);
  expect(await trySignIn(accountOf(email))).toMatchObject({ ok: true });
  await unlink(administrator, id);
  expect(await userOf(db, id)).toMatchObject({ invited: true, accepted: true });
  const saved = await editUser(db, administrator, id, { email: `colleague-${email}` });
  expect(saved).toMatchObject({ ok: true, notifiedAddress: email });
  const { rows } = await db.pool.query(
    "select notice_to from messages where user_id = $1 and notice = 'email_changed'",
    [id],
  );
  expect(rows).toEqual([{ notice_to: email }]);
});

test('lists an unlinked user as not linked until they are invited again', async () => {
  const { id, email } = await invitedUser(db, administrator, `${uuidv7()}@example.com`);
  const state = async () => (await userOf(db, id)).invitation;
  await trySignIn(accountOf(email));
  expect(await state()).toBeNull();
  await unlink(administrator, id);
  expect(await state()).toBe('unlinked');
  const { singleSignOn } = settings();
  Object.assign(settings(), { singleSignOn: null });
  const unset = await state();
  Object.assign(settings(), { singleSignOn });
  expect(unset).toBe('no_sign_in_method');
  const inviteAgain = () => resendInvitation(db.database, administrator, { id });
  expect(await inviteAgain()).toMatchObject({ ok: true });
  expect(await state()).toBe('open');
  await db.pool.query('update user_links set expires_at = now() where user_id = $1', [id]);
  expect(await state()).toBe('unlinked');
  await inviteAgain();
  await trySignIn(accountOf(email));
  expect(await state()).toBeNull();
});

test('lists a user who was created by a claim as not linked', async () => {
  const profile = { ...accountOf(`${uuidv7()}@example.com`), role: 'settings_viewer' as const };
  expect(await trySignIn(profile)).toMatchObject({ ok: true });
  const { rows } = await db.pool.query('select id from users where email = $1', [profile.email]);
  await unlink(administrator, rows[0].id);
  expect(await userOf(db, rows[0].id)).toMatchObject({ invited: true, invitation: 'unlinked' });
});

test('unlinks nothing if the user was saved since the editor was opened, and returns by whom', async () => {
  const { id, email } = await invitedUser(db, administrator, `${uuidv7()}@example.com`);
  await trySignIn(accountOf(email));
  const loaded = await userOf(db, id);
  await editUser(db, administrator, loaded, { email: `other-${email}` });
  const current = await userOf(db, id);
  const conflict = { ok: false, reason: 'conflict', current, changedBy: 'Ada Minister' };
  expect(await unlink(administrator, id, loaded.version)).toEqual(conflict);
  expect(await userOf(db, id)).toEqual(current);
  expect(await unlink(administrator, id, current.version)).toMatchObject({
    ok: true,
    email: `other-${email}`,
  });
});
