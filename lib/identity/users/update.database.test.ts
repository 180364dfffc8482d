import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { startPendingSignIn } from '#lib/identity/sign-in/pending-sign-in.ts';
import { type Administrator, brandAdministrator } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { createTestUser } from '#lib/testing/test-users.ts';
import { editUser, inviteTestUser, readTestUser, readUserAuditEvents } from '#lib/testing/users.ts';
import { signUserOut } from './sign-out.ts';

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** Creates a user with a session and a pending sign-in. */
async function signedInUser() {
  const user = await createTestUser(db.database);
  await withTransaction(db.database, (transaction) => startPendingSignIn(transaction, user.userId));
  return user;
}

/** Reads why the user's sessions ended, and the number of pending sign-ins. */
async function readSessionState(userId: string) {
  const { rows } = await db.pool.query(
    `select array(select end_reason from sessions where user_id = $1) as sessions,
      (select count(*)::int from pending_sign_ins where user_id = $1) as pending`,
    [userId],
  );
  return rows[0];
}

const readNotices = async (userId: string) =>
  (await db.pool.query('select notice, notice_to from messages where user_id = $1', [userId])).rows;

test('changes the name without ending sessions, and records the former and the new name', async () => {
  const { userId, email } = await signedInUser();
  expect((await readTestUser(db, userId)).lastSeenAt).toBeInstanceOf(Date);
  const saved = await editUser(db, administrator, userId, { name: 'Grace B. Hopper' });
  expect(saved).toMatchObject({
    ok: true,
    notifiedAddress: null,
    user: { name: 'Grace B. Hopper', version: 2 },
  });
  expect(await readSessionState(userId)).toEqual({ sessions: [null], pending: 1 });
  const role = 'settings_administrator';
  const details = {
    before: { name: 'Grace Hopper', email, role },
    after: { name: 'Grace B. Hopper', email, role },
  };
  expect(await readUserAuditEvents(db, userId)).toEqual([{ action: 'user.edited', details }]);
});

test('writes nothing if nothing has changed', async () => {
  const { userId } = await signedInUser();
  expect(await editUser(db, administrator, userId, {})).toMatchObject({ ok: true, user: { version: 1 } });
  expect(await readUserAuditEvents(db, userId)).toEqual([]);
});

test('ends all sessions and pending sign-ins if the role changes', async () => {
  const { userId } = await signedInUser();
  expect(await editUser(db, administrator, userId, { role: 'settings_viewer' })).toMatchObject({ ok: true });
  expect(await readSessionState(userId)).toEqual({ sessions: ['role_changed'], pending: 0 });
});

test('notifies the previous email address of a user who has accepted, and withdraws the link of one who has not', async () => {
  const { userId, email } = await signedInUser();
  const saved = await editUser(db, administrator, userId, { email: `new-${email}` });
  expect(saved).toMatchObject({ ok: true, notifiedAddress: email });
  expect(await readNotices(userId)).toEqual([{ notice: 'email_changed', notice_to: email }]);
  const invited = await inviteTestUser(db, administrator, 'typo@example.com');
  await editUser(db, administrator, invited.id, { email: 'right@example.com' });
  const links = await db.pool.query('select end_reason from user_links where user_id = $1', [invited.id]);
  expect(links.rows).toEqual([{ end_reason: 'withdrawn' }]);
  expect(await readNotices(invited.id)).toEqual([]);
});

test('rejects an email address in use and an empty name', async () => {
  const [user, other] = [await signedInUser(), await signedInUser()];
  const result = await editUser(db, administrator, user.userId, { email: other.email.toUpperCase() });
  expect(result).toEqual({ ok: false, reason: 'email_taken' });
  expect(await editUser(db, administrator, user.userId, { name: '' })).toEqual({
    ok: false,
    reason: 'name_required',
  });
});

test('sends no notice and keeps links if only the case of the email address changes', async () => {
  const { userId, email } = await signedInUser();
  const saved = await editUser(db, administrator, userId, { email: email.toUpperCase() });
  expect(saved).toMatchObject({ ok: true, notifiedAddress: null, user: { email: email.toUpperCase() } });
  expect(await readNotices(userId)).toEqual([]);
  const invited = await inviteTestUser(db, administrator, 'lin@example.net');
  await editUser(db, administrator, invited.id, { email: 'Lin@Example.net' });
  const links = await db.pool.query('select end_reason from user_links where user_id = $1', [invited.id]);
  expect(links.rows).toEqual([{ end_reason: null }]);
});

test('ends sessions, pending sign-ins and links on deactivation, and restores none on reactivation', async () => {
  const { userId } = await signedInUser();
  expect(await editUser(db, administrator, userId, { active: false })).toMatchObject({ ok: true });
  expect(await readSessionState(userId)).toEqual({ sessions: ['deactivated'], pending: 0 });
  expect(await editUser(db, administrator, userId, { active: true })).toMatchObject({ ok: true });
  expect(await readSessionState(userId)).toEqual({ sessions: ['deactivated'], pending: 0 });
  expect(await readUserAuditEvents(db, userId)).toEqual([
    { action: 'user.deactivated', details: { sessionsEnded: 1 } },
    { action: 'user.reactivated', details: {} },
  ]);
  const invited = await inviteTestUser(db, administrator, 'off@example.com');
  await editUser(db, administrator, invited.id, { active: false });
  const links = await db.pool.query('select end_reason from user_links where user_id = $1', [invited.id]);
  expect(links.rows).toEqual([{ end_reason: 'withdrawn' }]);
});

test('returns a conflict with the saved user to the second of two editors', async () => {
  const { userId } = await signedInUser();
  const loaded = await readTestUser(db, userId);
  await editUser(db, administrator, loaded, { name: 'First' });
  expect(await editUser(db, administrator, loaded, { name: 'Second' })).toMatchObject({
    ok: false,
    reason: 'conflict',
    current: { name: 'First', version: 2 },
    changedBy: 'Ada Minister',
  });
  expect((await readTestUser(db, userId)).name).toBe('First');
});

test('rejects changes of the administrator’s own role and status, but not of their name', async () => {
  const ownPermissions = { ok: false, reason: 'own_permissions' };
  expect(await editUser(db, administrator, administrator.userId, { role: 'settings_viewer' })).toEqual(
    ownPermissions,
  );
  expect(await editUser(db, administrator, administrator.userId, { active: false })).toEqual(ownPermissions);
  expect(await editUser(db, administrator, administrator.userId, { name: 'Ada Minister II' })).toMatchObject({
    ok: true,
  });
});

test('keeps the current session of an administrator who signs themselves out', async () => {
  const user = brandAdministrator(await signedInUser());
  if (!user) throw new Error('no administrator');
  const { userId: id } = user;
  expect(await signUserOut(db.database, user, { id })).toEqual({
    ok: true,
    sessionsEnded: 0,
    keptOwnSession: true,
  });
  expect(await readSessionState(id)).toEqual({ sessions: [null], pending: 0 });
});

test('requires recent authentication to edit a user and to sign one out', async () => {
  const { userId } = await signedInUser();
  const withoutRecentAuth = { ...administrator, hasRecentAuth: false };
  const reauthenticationRequired = { ok: false, reason: 'reauthentication_required' };
  expect(await editUser(db, withoutRecentAuth, userId, { name: 'X' })).toEqual(reauthenticationRequired);
  expect(await editUser(db, withoutRecentAuth, userId, { active: false })).toEqual(reauthenticationRequired);
  expect(await signUserOut(db.database, withoutRecentAuth, { id: userId })).toEqual(reauthenticationRequired);
  expect(await readSessionState(userId)).toEqual({ sessions: [null], pending: 1 });
  expect(await readUserAuditEvents(db, userId)).toEqual([]);
  expect(await signUserOut(db.database, administrator, { id: userId })).toEqual({
    ok: true,
    sessionsEnded: 1,
    keptOwnSession: false,
  });
  expect(await readSessionState(userId)).toEqual({ sessions: ['ended_by_administrator'], pending: 0 });
  expect(await readUserAuditEvents(db, userId)).toEqual([
    { action: 'user.signed_out', details: { sessionsEnded: 1 } },
  ]);
});
