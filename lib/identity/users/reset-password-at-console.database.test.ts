import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { changePassword } from '#lib/identity/passwords/change.ts';
import { readPasswordState } from '#lib/identity/passwords/read-state.ts';
import { createTestUser, PASSWORD, setUpPasskey, setUpTotp } from '#lib/testing/test-users.ts';
import { readUserAuditEvents } from '#lib/testing/users.ts';
import { resetPasswordAtConsole } from './reset-password-at-console.ts';

const PASSWORD_ONLY = { removeSecondFactor: false, unlinkSso: false };

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

async function readNotices(email: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ notice: string }>(
    'select notice from messages where notice_to = $1 order by id',
    [email],
  );
  return rows.map(({ notice }) => notice);
}

test('notifies the user, and clears when the user last changed the password', async () => {
  const user = await createTestUser(db.database);
  const { userId, email } = user;
  const change = { current: PASSWORD, password: 'a quiet lamp on the stairs' };
  expect(await changePassword(db.database, user, change)).toEqual({ ok: true });
  expect((await readPasswordState(db.database, userId)).changedAt).not.toBeNull();
  expect(await resetPasswordAtConsole(db.database, { email, ...PASSWORD_ONLY })).toMatchObject({
    ok: true,
  });
  expect(await readPasswordState(db.database, userId)).toMatchObject({ isSet: true, changedAt: null });
  expect(await readNotices(email)).toEqual(['password_changed', 'password_changed']);
});

test.each([true, false])(
  'with `removeSecondFactor: %s`, notifies the user of what was changed',
  async (removeSecondFactor) => {
    const user = await createTestUser(db.database);
    await setUpTotp(db.database, user);
    await setUpPasskey(db.database, user);
    const before = await readNotices(user.email);
    await resetPasswordAtConsole(db.database, { ...PASSWORD_ONLY, email: user.email, removeSecondFactor });
    const removed = removeSecondFactor ? ['second_factor_removed'] : [];
    expect((await readNotices(user.email)).slice(before.length)).toEqual(['password_changed', ...removed]);
  },
);

test('sends no notice about a second factor that the user did not have', async () => {
  const { email } = await createTestUser(db.database);
  await resetPasswordAtConsole(db.database, { ...PASSWORD_ONLY, email, removeSecondFactor: true });
  expect(await readNotices(email)).toEqual(['password_changed']);
});

test.each([true, false])(
  'with `unlinkSso: %s`, unlinks or keeps the account at the provider',
  async (unlinkSso) => {
    const { userId, email } = await createTestUser(db.database);
    await db.pool.query('insert into identities (id, user_id, issuer_and_subject) values ($1, $1, $2)', [
      userId,
      `https://id.example.org ${userId}`,
    ]);
    const reset = await resetPasswordAtConsole(db.database, {
      ...PASSWORD_ONLY,
      email,
      unlinkSso,
    });
    expect(reset).toMatchObject({ ok: true, singleSignOn: unlinkSso ? 'unlinked' : 'kept' });
    expect(await readNotices(email)).toEqual([
      'password_changed',
      ...(unlinkSso ? ['single_sign_on_unlinked'] : []),
    ]);
    const auditEvents = await readUserAuditEvents(db, userId);
    const unlinkEvents = auditEvents.filter(({ action }) => action === 'identity.forgotten');
    const details = { issuer: 'https://id.example.org', subject: userId, sessionsEnded: 0 };
    expect(unlinkEvents).toEqual(unlinkSso ? [{ action: 'identity.forgotten', details }] : []);
    // The second reset finds no linked account, or the kept one.
    const secondReset = await resetPasswordAtConsole(db.database, { ...PASSWORD_ONLY, email });
    expect(secondReset).toMatchObject({ ok: true, singleSignOn: unlinkSso ? 'none' : 'kept' });
  },
);
