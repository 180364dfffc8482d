import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator, Viewer } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { reportDelivery } from '#lib/testing/messages.ts';
import { editUser, inviteTestUser, readTestUser, readUserAuditEvents } from '#lib/testing/users.ts';
import { selectInvitationState } from './invitation-state.ts';
import { inviteUser } from './invite.ts';
import { resendInvitation } from './invite-again.ts';
import { listUsers } from './list.ts';

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

const readLinks = async (userId: string) =>
  (
    await db.pool.query(
      `select purpose, created_by, end_reason from user_links where user_id = $1 order by id`,
      [userId],
    )
  ).rows;
const withoutRecentAuth = () => ({ ...administrator, hasRecentAuth: false });

test('creates a user without a password, and queues an email with a link', async () => {
  const user = await inviteTestUser(db, administrator, 'Lin@Example.com');
  expect(user).toEqual({
    id: user.id,
    invitationId: expect.any(String),
    identityId: null,
    name: '',
    email: 'Lin@Example.com',
    role: 'settings_administrator',
    active: true,
    version: 1,
    hasSignInMethod: false,
    hasAcceptedInvitation: false,
    invitation: 'open',
    hasSecondFactor: false,
    provider: null,
    isRoleFromClaim: false,
    lastSeenAt: null,
  });
  expect(await readLinks(user.id)).toEqual([
    { purpose: 'invitation', created_by: administrator.userId, end_reason: null },
  ]);
  const { rows } = await db.pool.query(
    'select 1 from messages where link_id in (select id from user_links where user_id = $1)',
    [user.id],
  );
  expect(rows).toHaveLength(1);
  const details = { email: 'Lin@Example.com', role: 'settings_administrator' };
  expect(await readUserAuditEvents(db, user.id)).toEqual([{ action: 'user.invited', details }]);
});

test('accepts one of two concurrent invitations whose email addresses differ only in case', async () => {
  const [one, other] = await Promise.all(
    ['twin@example.com', 'TWIN@example.com'].map((email) =>
      inviteUser(db.database, administrator, { email, role: null }),
    ),
  );
  expect([one?.ok, other?.ok].toSorted()).toEqual([false, true]);
  expect([one, other]).toContainEqual({ ok: false, reason: 'email_taken' });
});

test('requires recent authentication to invite a user', async () => {
  const before = await listUsers(db.database, administrator);
  const input = { email: 'new@example.com', role: null };
  expect(await inviteUser(db.database, withoutRecentAuth(), input)).toEqual({
    ok: false,
    reason: 'reauthentication_required',
  });
  expect(await listUsers(db.database, administrator as Viewer)).toEqual(before);
});

test('distinguishes unsent, bounced, expired and open invitations, and reopens them when they are resent', async () => {
  const { id, email } = await inviteTestUser(db, administrator, 'unheard@example.com');
  const readState = async () => (await readTestUser(db, id)).invitation;
  const link = '(select id from user_links where user_id = $1 and ended_at is null)';
  const query = (sql: string) => db.pool.query(sql, [id]);
  const inviteAgain = () => resendInvitation(db.database, administrator, { id });
  const readStateWithoutPasswords = () =>
    db.database
      .select({ state: selectInvitationState({ isLocalAuthEnabled: false, singleSignOn: {} }) })
      .from(users)
      .where(eq(users.id, id));
  await query(`update messages set state = 'failed' where link_id = ${link}`);
  expect(await readState()).toBe('unsent');
  await inviteAgain();
  expect(await readState()).toBe('open');
  const { rows } = await query(`select id from messages where link_id = ${link}`);
  await reportDelivery(db.database, rows[0].id, 'delayed');
  expect(await readState()).toBe('open');
  await reportDelivery(db.database, rows[0].id, 'bounced');
  expect(await readState()).toBe('bounced');
  await inviteAgain();
  await query(`update user_links set expires_at = now() where id = ${link}`);
  expect(await readState()).toBe('expired');
  expect(await readStateWithoutPasswords()).toEqual([{ state: 'open' }]);
  await inviteAgain();
  // A changed email address withdraws the link, so the invitation counts as expired.
  await editUser(db, administrator, id, { email: `other-${email}` });
  expect(await readState()).toBe('expired');
  await inviteAgain();
  expect(await readState()).toBe('open');
  await editUser(db, administrator, id, { email });
  expect(await readStateWithoutPasswords()).toEqual([{ state: 'expired' }]);
  // With a password, the user has accepted the invitation.
  await query("update users set password_hash = 'none' where id = $1");
  expect(await readState()).toBeNull();
  expect(await readStateWithoutPasswords()).toEqual([{ state: 'unlinked' }]);
});

test('keeps the link of an invitation that another administrator has sent since', async () => {
  const seen = await inviteTestUser(db, administrator, 'twice@example.com');
  const { id, version, invitationId } = seen;
  const other = await createTestAdministrator(db.database, 'Ben Minister');
  const inviteAgain = (actor: Administrator, invitation: string | null) =>
    resendInvitation(db.database, actor, { id, seen: { version, invitationId: invitation } });
  const resent = await inviteAgain(other, invitationId);
  if (!resent.ok) throw new Error(resent.reason);
  const refused = await inviteAgain(administrator, invitationId);
  expect(refused).toMatchObject({
    reason: 'invited_again',
    by: 'Ben Minister',
    isOwn: false,
    invitationId: resent.invitationId,
  });
  expect(await inviteAgain(other, invitationId)).toMatchObject({ reason: 'invited_again', isOwn: true });
  expect(await readLinks(id)).toMatchObject([{ end_reason: 'replaced' }, { end_reason: null }]);
  expect(await inviteAgain(administrator, resent.invitationId)).toMatchObject({ ok: true });
});

test('sends no invitation to an email address that the administrator has not seen', async () => {
  const seen = await inviteTestUser(db, administrator, 'moved@example.com');
  const { id, version, invitationId } = seen;
  await editUser(db, administrator, id, { email: 'elsewhere@example.com' });
  const input = { id, seen: { version, invitationId } };
  expect(await resendInvitation(db.database, administrator, input)).toMatchObject({
    reason: 'conflict',
    current: { email: 'elsewhere@example.com' },
  });
});

test('resends an invitation with a new link, but not to an inactive user or one with a password', async () => {
  const { id, email } = await inviteTestUser(db, administrator, 'again@example.com');
  expect(await resendInvitation(db.database, withoutRecentAuth(), { id })).toEqual({
    ok: false,
    reason: 'reauthentication_required',
  });
  expect(await resendInvitation(db.database, administrator, { id })).toMatchObject({ ok: true, email });
  expect(await readLinks(id)).toMatchObject([{ end_reason: 'replaced' }, { end_reason: null }]);
  expect((await readUserAuditEvents(db, id)).map(({ action }) => action)).toEqual([
    'user.invited',
    'user.invited_again',
  ]);
  await editUser(db, administrator, id, { active: false });
  expect(await resendInvitation(db.database, administrator, { id })).toEqual({
    ok: false,
    reason: 'not_invited',
  });
  const accepted = await createTestAdministrator(db.database);
  expect(await resendInvitation(db.database, administrator, { id: accepted.userId })).toEqual({
    ok: false,
    reason: 'not_invited',
  });
  expect((await readTestUser(db, accepted.userId)).hasSignInMethod).toBe(true);
});
