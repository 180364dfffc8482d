import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator, Viewer } from '#lib/platform/authorization/roles.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { reportDelivery } from '#lib/testing/messages.ts';
import { auditEventsOn, editUser, invitedUser, userOf } from '#lib/testing/users.ts';
import { invitationState } from './invitation-state.ts';
import { inviteUser } from './invite.ts';
import { resendInvitation } from './invite-again.ts';
import { listUsers } from './list.ts';

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await testAdministrator(db.database);
});
afterAll(() => db.drop());

const linksOf = async (userId: string) =>
  (
    await db.pool.query(
      `select purpose, created_by, end_reason from user_links where user_id = $1 order by id`,
      [userId],
    )
  ).rows;
const withoutRecentAuth = () => ({ ...administrator, hasRecentAuth: false });

test('creates a user without a password and sends a link by email', async () => {
  const user = await invitedUser(db, administrator, 'Lin@Example.com');
  expect(user).toEqual({
    id: user.id,
    name: '',
    email: 'Lin@Example.com',
    role: 'settings_administrator',
    active: true,
    version: 1,
    invited: true,
    accepted: false,
    invitation: 'open',
    secondFactor: false,
    provider: null,
    roleByClaim: false,
    lastSeenAt: null,
  });
  expect(await linksOf(user.id)).toEqual([
    { purpose: 'invitation', created_by: administrator.userId, end_reason: null },
  ]);
  const { rows } = await db.pool.query(
    'select 1 from messages where link_id in (select id from user_links where user_id = $1)',
    [user.id],
  );
  expect(rows).toHaveLength(1);
  const details = { email: 'Lin@Example.com', role: 'settings_administrator' };
  expect(await auditEventsOn(db, user.id)).toEqual([{ action: 'user.invited', details }]);
});

test('rejects an email address in use in any case, and accepts one of two concurrent invitations', async () => {
  const [one, other] = await Promise.all(
    ['twin@example.com', 'TWIN@example.com'].map((email) =>
      inviteUser(db.database, administrator, { email, role: null }),
    ),
  );
  expect([one?.ok, other?.ok].toSorted()).toEqual([false, true]);
  expect([one, other]).toContainEqual({ ok: false, reason: 'taken' });
});

test('requires recent authentication', async () => {
  const before = await listUsers(db.database, administrator);
  const input = { email: 'new@example.com', role: null };
  expect(await inviteUser(db.database, withoutRecentAuth(), input)).toEqual({
    ok: false,
    reason: 'reauthentication_required',
  });
  expect(await listUsers(db.database, administrator as Viewer)).toEqual(before);
});

test('distinguishes undelivered, expired and open invitations, and reopens them when resent', async () => {
  const { id, email } = await invitedUser(db, administrator, 'unheard@example.com');
  const state = async () => (await userOf(db, id)).invitation;
  const link = '(select id from user_links where user_id = $1 and ended_at is null)';
  const update = (what: string) => db.pool.query(what, [id]);
  const inviteAgain = () => resendInvitation(db.database, administrator, { id });
  const withoutPasswords = () =>
    db.database
      .select({ state: invitationState({ passwordSignIn: false, singleSignOn: {} }) })
      .from(users)
      .where(eq(users.id, id));
  await update(`update messages set state = 'failed' where link_id = ${link}`);
  expect(await state()).toBe('unsent');
  await inviteAgain();
  expect(await state()).toBe('open');
  const { rows } = await update(`select id from messages where link_id = ${link}`);
  await reportDelivery(db.database, rows[0].id, 'delayed');
  expect(await state()).toBe('open');
  await reportDelivery(db.database, rows[0].id, 'bounced');
  expect(await state()).toBe('bounced');
  await inviteAgain();
  await update(`update user_links set expires_at = now() where id = ${link}`);
  expect(await state()).toBe('expired');
  expect(await withoutPasswords()).toEqual([{ state: 'open' }]);
  await inviteAgain();
  await editUser(db, administrator, id, { email: `other-${email}` });
  expect(await state()).toBe('expired');
  await inviteAgain();
  expect(await state()).toBe('open');
  await editUser(db, administrator, id, { email });
  expect(await withoutPasswords()).toEqual([{ state: 'expired' }]);
  await update("update users set password_hash = 'none' where id = $1");
  expect(await state()).toBeNull();
  expect(await withoutPasswords()).toEqual([{ state: 'unlinked' }]);
});

test('replaces the link when resent, until the user has accepted', async () => {
  const { id, email } = await invitedUser(db, administrator, 'again@example.com');
  expect(await resendInvitation(db.database, withoutRecentAuth(), { id })).toEqual({
    ok: false,
    reason: 'reauthentication_required',
  });
  expect(await resendInvitation(db.database, administrator, { id })).toEqual({ ok: true, email });
  expect(await linksOf(id)).toMatchObject([{ end_reason: 'replaced' }, { end_reason: null }]);
  expect((await auditEventsOn(db, id)).map(({ action }) => action)).toEqual([
    'user.invited',
    'user.invited_again',
  ]);
  await editUser(db, administrator, id, { active: false });
  expect(await resendInvitation(db.database, administrator, { id })).toEqual({
    ok: false,
    reason: 'not_invited',
  });
  const accepted = await testAdministrator(db.database);
  expect(await resendInvitation(db.database, administrator, { id: accepted.userId })).toEqual({
    ok: false,
    reason: 'not_invited',
  });
  expect((await userOf(db, accepted.userId)).invited).toBe(false);
});
