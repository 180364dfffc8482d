import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { inviteUserAgain } from '#lib/identity/users/invite-again.ts';
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
let by: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  by = await testAdministrator(db.database);
});
afterAll(() => db.drop());

/** Another account at the provider each time. */
const accountOf = (email: string): OidcProfile => ({
  ...{ issuerAndSubject: `https://id.example.org ${uuidv7()}`, email },
  ...{ name: 'Grace Hopper', role: undefined, authenticatedAt: new Date() },
});
const enter = (holder: OidcProfile) =>
  signInWithSso(db.database, { holder, arrival: { address: '192.0.2.1' } });
const forget = (administrator: Administrator, id: string, version = 1) =>
  unlinkSso(db.database, administrator, { id, version });

test('whose address is another one after it is told at the one before, as whoever had accepted', async () => {
  const invited = await invitedUser(db, by, `${uuidv7()}@example.com`);
  const { id, email } = invited;
  expect(invited.accepted).toBe(false);
  expect(await enter(accountOf(email))).toMatchObject({ ok: true });
  await forget(by, id);
  expect(await userOf(db, id)).toMatchObject({ invited: true, accepted: true });
  const saved = await editUser(db, by, id, { email: `colleague-${email}` });
  expect(saved).toMatchObject({ ok: true, formerTold: email });
  const { rows } = await db.pool.query(
    "select notice_to from messages where user_id = $1 and notice = 'email_changed'",
    [id],
  );
  expect(rows).toEqual([{ notice_to: email }]);
});

test('who has accepted before is listed as not linked, not by an invitation, until they are invited again', async () => {
  const { id, email } = await invitedUser(db, by, `${uuidv7()}@example.com`);
  const state = async () => (await userOf(db, id)).invitation;
  await enter(accountOf(email));
  expect(await state()).toBeNull();
  await forget(by, id);
  expect(await state()).toBe('unlinked');
  const { singleSignOn } = settings();
  Object.assign(settings(), { singleSignOn: null });
  const unset = await state();
  Object.assign(settings(), { singleSignOn });
  expect(unset).toBe('no_way_in');
  const again = () => inviteUserAgain(db.database, by, { id });
  expect(await again()).toMatchObject({ ok: true });
  expect(await state()).toBe('open');
  await db.pool.query('update user_links set expires_at = now() where user_id = $1', [id]);
  expect(await state()).toBe('unlinked');
  await again();
  await enter(accountOf(email));
  expect(await state()).toBeNull();
});

test('who came by a claim, without an invitation, is listed as not linked after it', async () => {
  const holder = { ...accountOf(`${uuidv7()}@example.com`), role: 'settings_viewer' as const };
  expect(await enter(holder)).toMatchObject({ ok: true });
  const { rows } = await db.pool.query('select id from users where email = $1', [holder.email]);
  await forget(by, rows[0].id);
  expect(await userOf(db, rows[0].id)).toMatchObject({ invited: true, invitation: 'unlinked' });
});

test('forgets nothing where somebody has saved the user since the editor was opened, and says who', async () => {
  const { id, email } = await invitedUser(db, by, `${uuidv7()}@example.com`);
  await enter(accountOf(email));
  const seen = await userOf(db, id);
  await editUser(db, by, seen, { email: `other-${email}` });
  const current = await userOf(db, id);
  const conflict = { ok: false, reason: 'conflict', current, changedBy: 'Ada Minister' };
  expect(await forget(by, id, seen.version)).toEqual(conflict);
  expect(await userOf(db, id)).toEqual(current);
  expect(await forget(by, id, current.version)).toMatchObject({ ok: true, email: `other-${email}` });
});
