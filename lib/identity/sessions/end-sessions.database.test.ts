import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { createUser } from '#lib/identity/users/create.ts';
import { endUserSessions } from './end-sessions.ts';
import { touchSession } from './touch-session.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

test('ends every session of one user except the one to keep', async () => {
  const signInAs = async (email: string) => {
    const session = await signIn(db.database, { email, password: 'swordfish', ipAddress: '192.0.2.1' });
    return session.ok ? session.sessionId : '';
  };
  const createTestUser = (email: string) =>
    createUser(db.database, { email, name: 'Ada', password: 'swordfish', role: null });
  const ada = await createTestUser('ada@example.com');
  await createTestUser('eve@example.com');
  const [one, two, three, other] = [
    await signInAs('ada@example.com'),
    await signInAs('ada@example.com'),
    await signInAs('ada@example.com'),
    await signInAs('eve@example.com'),
  ];
  const sessionsEnded = await withTransaction(db.database, (transaction) =>
    endUserSessions(transaction, ada.ok ? ada.id : '', 'password_changed', two),
  );
  expect(sessionsEnded).toBe(2);
  const isActive = async (id: string) => (await touchSession(db.database, id, '192.0.2.1')) !== null;
  expect(await Promise.all([one, two, three, other].map(isActive))).toEqual([false, true, false, true]);
  const { rows } = await db.pool.query('select end_reason from sessions where id = $1', [one]);
  expect(rows).toEqual([{ end_reason: 'password_changed' }]);
});
