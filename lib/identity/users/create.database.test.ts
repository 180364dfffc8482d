import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { verifyPassword } from '#lib/identity/passwords/hash.ts';
import { createUser } from './create.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

test('stores the email address as typed, without outer spaces, and only a hash of the password', async () => {
  const result = await createUser(db.database, {
    email: ' Ada@Example.com ',
    name: 'Ada',
    password: 'swordfish',
    role: 'settings_viewer',
  });
  const { rows } = await db.pool.query("select * from users where name = 'Ada'");
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    email: 'Ada@Example.com',
    email_folded: 'ada@example.com',
    role: 'settings_viewer',
    active: true,
  });
  expect(result).toEqual({ ok: true, id: rows[0].id });
  expect(JSON.stringify(rows)).not.toContain('swordfish');
  expect(await verifyPassword(rows[0].password_hash, 'swordfish', 'untrusted')).toBe(true);
});

test('creates one of two concurrent users whose email addresses differ only in case', async () => {
  const input = { name: 'Twin', password: 'swordfish', role: null };
  const results = await Promise.all([
    createUser(db.database, { ...input, email: 'twin@example.com' }),
    createUser(db.database, { ...input, email: 'TWIN@example.com' }),
  ]);
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(results).toContainEqual({ ok: false, reason: 'email_taken' });
});
