import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { touchSession } from '#lib/identity/sessions/touch-session.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { settings } from './config/settings.ts';
import { closeDatabase, database, publicDatabasePool } from './database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  Object.assign(settings(), { databaseUrl: db.url });
});
afterAll(async () => {
  await closeDatabase();
  await db.drop();
});

it('lets an administrator act while requests without a session hold all connections that they may have', async () => {
  const administrator = await createTestAdministrator(db.database);
  const { id, version, email, phone } = await createTestAccount(db.database, administrator);
  const pool = publicDatabasePool();
  const held = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
  // On a busy machine, it may wait for too long for a connection.
  const waiting = pool.query('select 1').catch(() => null);
  expect(pool.waitingCount).toBe(1);
  const user = await touchSession(database(), administrator.sessionId, '192.0.2.1');
  expect(user).toMatchObject({ userId: administrator.userId });
  const change = { id, version, email, phone, active: false };
  expect(await updateApiAccount(database(), administrator, change)).toMatchObject({ ok: true });
  for (const client of held) client.release();
  await waiting;
});
