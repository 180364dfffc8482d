import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { changePassword } from '#lib/identity/passwords/change.ts';
import { readPasswordState } from '#lib/identity/passwords/read-state.ts';
import { PASSWORD, testPerson, withPasskey, withTotp } from '#lib/testing/people.ts';
import { actsOn } from '#lib/testing/users.ts';
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

test('tells the person, whose password is then one that they were given', async () => {
  const user = await testPerson(db.database);
  const { userId, email } = user;
  const change = { present: PASSWORD, password: 'a quiet lamp on the stairs' };
  expect(await changePassword(db.database, user, change)).toEqual({ ok: true });
  expect((await readPasswordState(db.database, userId)).changedAt).not.toBeNull();
  expect(await resetPasswordAtConsole(db.database, { email, ...NOTHING_ELSE })).toMatchObject({
    ok: true,
  });
  expect(await readPasswordState(db.database, userId)).toMatchObject({ isSet: true, changedAt: null });
  expect(await noticesTo(email)).toEqual(['password_changed', 'password_changed']);
});

test.each([true, false])('tells of a second factor that was removed: %s', async (removeSecondFactor) => {
  const user = await testPerson(db.database);
  await withTotp(db.database, user);
  await withPasskey(db.database, user);
  const before = await noticesTo(user.email);
  await resetPasswordAtConsole(db.database, { ...NOTHING_ELSE, email: user.email, removeSecondFactor });
  const removed = removeSecondFactor ? ['second_factor_removed'] : [];
  expect((await noticesTo(user.email)).slice(before.length)).toEqual(['password_changed', ...removed]);
});

test('tells nobody of a second factor that they did not have', async () => {
  const { email } = await testPerson(db.database);
  await resetPasswordAtConsole(db.database, { ...NOTHING_ELSE, email, removeSecondFactor: true });
  expect(await noticesTo(email)).toEqual(['password_changed']);
});

test.each([true, false])(
  'forgets the account at the provider where that is asked for: %s',
  async (unlink) => {
    const { userId, email } = await testPerson(db.database);
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
      ...(unlink ? ['single_sign_on_forgotten'] : []),
    ]);
    const acts = await actsOn(db, userId);
    const unlinkEvents = acts.filter(({ act }) => act === 'identity.forgotten');
    const details = { issuer: 'https://id.example.org', subject: userId, sessionsEnded: 0 };
    expect(unlinkEvents).toEqual(unlink ? [{ act: 'identity.forgotten', details }] : []);
    // Nothing is left to forget, or to keep.
    const again = await resetPasswordAtConsole(db.database, { ...NOTHING_ELSE, email });
    expect(again).toMatchObject({ ok: true, singleSignOn: unlink ? 'none' : 'kept' });
  },
);
