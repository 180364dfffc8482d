import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { markSent } from '#lib/notifications/delivery/attempt.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { createTestUser, setUpTotp } from '#lib/testing/test-users.ts';
import { editUser } from '#lib/testing/users.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

test('prepares a notice with the time of the change, counts attempts, and returns null after it was sent', async () => {
  const user = await createTestUser(db.database);
  await setUpTotp(db.database, user);
  const { rows } = await db.pool.query('select id, created_at, notice from messages where user_id = $1', [
    user.userId,
  ]);
  expect(rows).toMatchObject([{ notice: 'totp_added' }]);
  const [{ id, created_at: happenedAt }] = rows;
  const expected = {
    kind: 'security_notice',
    to: user.email,
    notice: 'totp_added',
    happenedAt,
    link: 'http://localhost:3000/settings/your-account',
  };
  expect(await prepareMessage(db.database, id)).toEqual(expected);
  expect(await prepareMessage(db.database, id)).toEqual(expected);
  const message = await db.pool.query('select attempts from messages where id = $1', [id]);
  expect(message.rows).toEqual([{ attempts: 2 }]);
  const jobs = await db.pool.query("select name from pgboss.job where data->>'messageId' = $1", [id]);
  expect(jobs.rows).toEqual([{ name: 'send-email' }]);
  await markSent(db.database, id, { provider: 'outbox', providerId: null });
  expect(await prepareMessage(db.database, id)).toBeNull();
});

test('prepares notices for the email address at the time of the change', async () => {
  const user = await createTestUser(db.database);
  await setUpTotp(db.database, user);
  const administrator = await createTestAdministrator(db.database);
  const edited = await editUser(db, administrator, user.userId, { email: `other-${user.email}` });
  expect(edited).toMatchObject({ ok: true, notifiedAddress: user.email });
  const { rows } = await db.pool.query('select id, notice from messages where user_id = $1 order by id', [
    user.userId,
  ]);
  expect(rows).toMatchObject([{ notice: 'totp_added' }, { notice: 'email_changed' }]);
  for (const { id } of rows) {
    expect(await prepareMessage(db.database, id)).toMatchObject({ to: user.email });
  }
});
