import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { changePassword } from '#lib/identity/passwords/change.ts';
import { readPasswordState } from '#lib/identity/passwords/read-state.ts';
import { PASSWORD, setUpPasskey, setUpTotp, testUser } from '#lib/testing/test-users.ts';
import { auditEventsOn } from '#lib/testing/users.ts';
import { resetPasswordAtConsole } from './reset-password-at-console.ts';

const NOTHING_ELSE = { removeSecondFactor: false, unlinkSso: false };

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

async function noticesTo(email: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ notice: string }>(
    'select notice from messages where notice_to = $1 order by id',
    [email],
  );
  return rows.map(({ notice }) => notice);
}

test('notifies the user and marks the password as generated', async () => {
  const user = await testUser(db.database);
  const { userId, email } = user;
  const change = { current: PASSWORD, password: 'a quiet lamp on the stairs' };
  expect(await changePassword(db.database, user, change)).toEqual({ ok: true });
  expect((await readPasswordState(db.database, userId)).changedAt).not.toBeNull();
  expect(await resetPasswordAtConsole(db.database, { email, ...NOTHING_ELSE })).toMatchObject({
    ok: true,
  });
  expect(await readPasswordState(db.database, userId)).toMatchObject({ isSet: true, changedAt: null });
  expect(await noticesTo(email)).toEqual(['password_changed', 'password_changed']);
});

test.each([true, false])('notifies the user of a removed second factor: %s', async (removeSecondFactor) => {
  const user = await testUser(db.database);
  await setUpTotp(db.database, user);
  await setUpPasskey(db.database, user);
  const before = await noticesTo(user.email);
  await resetPasswordAtConsole(db.database, { ...NOTHING_ELSE, email: user.email, removeSecondFactor });
  const removed = removeSecondFactor ? ['second_factor_removed'] : [];
  expect((await noticesTo(user.email)).slice(before.length)).toEqual(['password_changed', ...removed]);
});

test('sends no notice about a second factor that the user did not have', async () => {
  const { email } = await testUser(db.database);
  await resetPasswordAtConsole(db.database, { ...NOTHING_ELSE, email, removeSecondFactor: true });
  expect(await noticesTo(email)).toEqual(['password_changed']);
});

test.each([true, false])('unlinks the account at the provider if requested: %s', async (unlink) => {
  const { userId, email } = await testUser(db.database);
  await db.pool.query('insert into identities (id, user_id, issuer_and_subject) values ($1, $1, $2)', [
    userId,
    `https://id.example.org ${userId}`,
  ]);
  const reset = await resetPasswordAtConsole(db.database, {
    ...NOTHING_ELSE,
    email,
    unlinkSso: unlink,
  });
  expect(reset).toMatchObject({ ok: true, singleSignOn: unlink ? 'forgotten' : 'kept' });
  expect(await noticesTo(email)).toEqual([
    'password_changed',
    ...(unlink ? ['single_sign_on_unlinked'] : []),
  ]);
  const auditEvents = await auditEventsOn(db, userId);
  const unlinkEvents = auditEvents.filter(({ action }) => action === 'identity.forgotten');
  const details = { issuer: 'https://id.example.org', subject: userId, sessionsEnded: 0 };
  expect(unlinkEvents).toEqual(unlink ? [{ action: 'identity.forgotten', details }] : []);
  // The second reset finds no linked account, or the kept one.
  const secondReset = await resetPasswordAtConsole(db.database, { ...NOTHING_ELSE, email });
  expect(secondReset).toMatchObject({ ok: true, singleSignOn: unlink ? 'none' : 'kept' });
});
