import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { beginSecondStep } from '#lib/identity/sign-in/pending-sign-in.ts';
import { type Administrator, brandAdministrator } from '#lib/platform/authorization/roles.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { testPerson } from '#lib/testing/people.ts';
import { actsOn, editUser, invitedUser, userOf } from '#lib/testing/users.ts';
import { signUserOut } from './sign-out.ts';

let db: TestDatabase;
let by: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  by = await testAdministrator(db.database);
});
afterAll(() => db.drop());

/** Somebody with a session and half a sign-in. */
async function someone() {
  const user = await testPerson(db.database);
  await withTransaction(db.database, (transaction) => beginSecondStep(transaction, user.userId));
  return user;
}

/** Why their sessions ended, and how much of sign-ins is left. */
async function standing(userId: string) {
  const { rows } = await db.pool.query(
    `select array(select ended_because from sessions where user_id = $1) as sessions,
      (select count(*)::int from pending_sign_ins where user_id = $1) as pending`,
    [userId],
  );
  return rows[0];
}

const noticesTo = async (userId: string) =>
  (await db.pool.query('select notice, notice_to from messages where user_id = $1', [userId])).rows;

test('another name leaves sessions alone, and is on record with before and after', async () => {
  const { userId, email } = await someone();
  expect((await userOf(db, userId)).lastSeenAt).toBeInstanceOf(Date);
  const saved = await editUser(db, by, userId, { name: 'Grace B. Hopper' });
  expect(saved).toMatchObject({ ok: true, formerTold: null, user: { name: 'Grace B. Hopper', version: 2 } });
  expect(await standing(userId)).toEqual({ sessions: [null], pending: 1 });
  const role = 'settings_administrator';
  const details = {
    before: { name: 'Grace Hopper', email, role },
    after: { name: 'Grace B. Hopper', email, role },
  };
  expect(await actsOn(db, userId)).toEqual([{ act: 'user.edited', details }]);
});

test('saving nothing new writes nothing', async () => {
  const { userId } = await someone();
  expect(await editUser(db, by, userId, {})).toMatchObject({ ok: true, user: { version: 1 } });
  expect(await actsOn(db, userId)).toEqual([]);
});

test('another role signs out at once, everywhere', async () => {
  const { userId } = await someone();
  expect(await editUser(db, by, userId, { role: 'settings_viewer' })).toMatchObject({ ok: true });
  expect(await standing(userId)).toEqual({ sessions: ['role_changed'], pending: 0 });
});

test('another email address: the one before is told, and its links are dead', async () => {
  const { userId, email } = await someone();
  const saved = await editUser(db, by, userId, { email: `new-${email}` });
  expect(saved).toMatchObject({ ok: true, formerTold: email });
  expect(await noticesTo(userId)).toEqual([{ notice: 'email_changed', notice_to: email }]);
  const invited = await invitedUser(db, by, 'typo@example.com');
  await editUser(db, by, invited.id, { email: 'right@example.com' });
  const links = await db.pool.query('select ended_because from user_links where user_id = $1', [invited.id]);
  expect(links.rows).toEqual([{ ended_because: 'withdrawn' }]);
  expect(await noticesTo(invited.id)).toEqual([]);
});

test('an address that somebody has is refused, and so is a name that is taken away', async () => {
  const [one, other] = [await someone(), await someone()];
  const taken = await editUser(db, by, one.userId, { email: other.email.toUpperCase() });
  expect(taken).toEqual({ ok: false, reason: 'taken' });
  expect(await editUser(db, by, one.userId, { name: '' })).toEqual({ ok: false, reason: 'nameless' });
});

test('the same address in capitals is told to nobody, and its links live on', async () => {
  const { userId, email } = await someone();
  const saved = await editUser(db, by, userId, { email: email.toUpperCase() });
  expect(saved).toMatchObject({ ok: true, formerTold: null, user: { email: email.toUpperCase() } });
  expect(await noticesTo(userId)).toEqual([]);
  const invited = await invitedUser(db, by, 'lin@example.net');
  await editUser(db, by, invited.id, { email: 'Lin@Example.net' });
  const links = await db.pool.query('select ended_because from user_links where user_id = $1', [invited.id]);
  expect(links.rows).toEqual([{ ended_because: null }]);
});

test('deactivating ends sessions, half sign-ins and links; reactivating brings nothing back', async () => {
  const { userId } = await someone();
  expect(await editUser(db, by, userId, { active: false })).toMatchObject({ ok: true });
  expect(await standing(userId)).toEqual({ sessions: ['deactivated'], pending: 0 });
  expect(await editUser(db, by, userId, { active: true })).toMatchObject({ ok: true });
  expect(await standing(userId)).toEqual({ sessions: ['deactivated'], pending: 0 });
  expect(await actsOn(db, userId)).toEqual([
    { act: 'user.deactivated', details: { sessionsEnded: 1 } },
    { act: 'user.reactivated', details: {} },
  ]);
  const invited = await invitedUser(db, by, 'off@example.com');
  await editUser(db, by, invited.id, { active: false });
  const links = await db.pool.query('select ended_because from user_links where user_id = $1', [invited.id]);
  expect(links.rows).toEqual([{ ended_because: 'withdrawn' }]);
});

test('the second of two editors gets what the first has saved, and saves nothing', async () => {
  const { userId } = await someone();
  const seen = await userOf(db, userId);
  await editUser(db, by, seen, { name: 'First' });
  expect(await editUser(db, by, seen, { name: 'Second' })).toMatchObject({
    ok: false,
    reason: 'conflict',
    current: { name: 'First', version: 2 },
    changedBy: 'Ada Minister',
  });
  expect((await userOf(db, userId)).name).toBe('First');
});

test('nobody changes their own role or deactivates themselves; their name they may', async () => {
  const own = { ok: false, reason: 'own' };
  expect(await editUser(db, by, by.userId, { role: 'settings_viewer' })).toEqual(own);
  expect(await editUser(db, by, by.userId, { active: false })).toEqual(own);
  expect(await editUser(db, by, by.userId, { name: 'Ada Minister II' })).toMatchObject({ ok: true });
});

test('whoever signs themselves out everywhere stays where they are, and is told so', async () => {
  const user = brandAdministrator(await someone());
  if (!user) throw new Error('no administrator');
  const { userId: id } = user;
  expect(await signUserOut(db.database, user, { id })).toEqual({ ok: true, ended: 0, stayed: true });
  expect(await standing(id)).toEqual({ sessions: [null], pending: 0 });
});

test('takes a fresh proof; signing out everywhere does not, and counts', async () => {
  const { userId } = await someone();
  const stale = { ...by, hasRecentAuth: false };
  const needed = { ok: false, reason: 'reauthentication_required' };
  expect(await editUser(db, stale, userId, { name: 'X' })).toEqual(needed);
  expect(await editUser(db, stale, userId, { active: false })).toEqual(needed);
  expect(await signUserOut(db.database, stale, { id: userId })).toEqual({
    ok: true,
    ended: 1,
    stayed: false,
  });
  expect(await standing(userId)).toEqual({ sessions: ['ended_by_administrator'], pending: 0 });
  expect(await actsOn(db, userId)).toEqual([{ act: 'user.signed_out', details: { sessionsEnded: 1 } }]);
});
