import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { changePassword } from '#lib/passwords/change.ts';
import { readPasswordState } from '#lib/passwords/read-state.ts';
import { PASSWORD, testPerson, withPasskey, withTotp } from '#lib/testing/people.ts';
import { resetPasswordAtConsole } from './reset-password-at-console.ts';

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
  const person = await testPerson(db.database);
  const { userId, email } = person;
  const change = { present: PASSWORD, password: 'a quiet lamp on the stairs' };
  expect(await changePassword(db.database, person, change)).toEqual({ ok: true });
  expect((await readPasswordState(db.database, userId)).changedAt).not.toBeNull();
  expect(await resetPasswordAtConsole(db.database, { email, removeSecondFactor: false })).toMatchObject({
    ok: true,
  });
  expect(await readPasswordState(db.database, userId)).toMatchObject({ isSet: true, changedAt: null });
  expect(await noticesTo(email)).toEqual(['password_changed', 'password_changed']);
});

test.each([true, false])('tells of a second factor that was removed: %s', async (removeSecondFactor) => {
  const person = await testPerson(db.database);
  await withTotp(db.database, person);
  await withPasskey(db.database, person);
  const before = await noticesTo(person.email);
  await resetPasswordAtConsole(db.database, { email: person.email, removeSecondFactor });
  const removed = removeSecondFactor ? ['second_factor_removed'] : [];
  expect((await noticesTo(person.email)).slice(before.length)).toEqual(['password_changed', ...removed]);
});

test('tells nobody of a second factor that they did not have', async () => {
  const { email } = await testPerson(db.database);
  await resetPasswordAtConsole(db.database, { email, removeSecondFactor: true });
  expect(await noticesTo(email)).toEqual(['password_changed']);
});
