import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { verifyPassword } from '#lib/identity/passwords/hash.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { createUser } from './create.ts';
import { createFirstAdministrator, isFirstSignInAwaited } from './first-administrator.ts';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(() => db.drop());

const readUsers = async () =>
  (await db.pool.query('select email, role, password_hash from users order by id')).rows;

test('creates the administrator with a generated password', async () => {
  const result = await createFirstAdministrator(db.database, {
    email: 'admin@example.com',
    password: undefined,
  });
  if (!result.created) throw new Error('not created');
  expect(result.password.length).toBeGreaterThanOrEqual(20);
  const [row] = await readUsers();
  expect(row).toMatchObject({ email: 'admin@example.com', role: 'settings_administrator' });
  expect(await verifyPassword(row.password_hash, result.password, 'untrusted')).toBe(true);
});

test('records the creation once, with the email address and the role', async () => {
  const input = { email: 'admin@example.com', password: undefined };
  await createFirstAdministrator(db.database, input);
  await createFirstAdministrator(db.database, input);
  const { rows } = await db.pool.query(
    `select action, a.user_id as "actorId", target_user_id = u.id as "isTarget", details from audit_events a, users u`,
  );
  const details = { email: 'admin@example.com', role: 'settings_administrator' };
  expect(rows).toEqual([{ action: 'user.created', actorId: null, isTarget: true, details }]);
});

test('creates the administrator with the given password', async () => {
  const input = { email: 'admin@example.com', password: 'correct horse' };
  expect(await createFirstAdministrator(db.database, input)).toEqual({ created: true, ...input });
});

test('creates nothing if there is an administrator', async () => {
  const input = { email: 'admin@example.com', password: undefined };
  await createFirstAdministrator(db.database, { ...input, email: 'other@example.com' });
  expect(await createFirstAdministrator(db.database, input)).toEqual({ created: false });
  expect(await readUsers()).toHaveLength(1);
});

test('creates nothing if a viewer has the email address', async () => {
  const viewer = {
    email: 'admin@example.com',
    name: 'V',
    password: 'swordfish',
    role: 'settings_viewer',
  } as const;
  await createUser(db.database, viewer);
  const input = { email: 'ADMIN@example.com', password: undefined };
  expect(await createFirstAdministrator(db.database, input)).toEqual({ created: false });
  expect(await readUsers()).toMatchObject([{ role: 'settings_viewer' }]);
});

test('creates one administrator if Stagedoor starts eight times concurrently', async () => {
  const starts = Array.from({ length: 8 }, (_, index) =>
    createFirstAdministrator(db.database, { email: `admin${index}@example.com`, password: undefined }),
  );
  const results = await Promise.all(starts);
  expect(results.filter((result) => result.created)).toHaveLength(1);
  expect(await readUsers()).toHaveLength(1);
});

test('isFirstSignInAwaited returns true until the administrator signs in or changes the password', async () => {
  const email = 'Admin@example.com';
  const isAwaited = () => isFirstSignInAwaited(db.database, email);
  expect(await isAwaited()).toBe(false);
  await createFirstAdministrator(db.database, { email, password: 'swordfish' });
  expect(await isAwaited()).toBe(true);
  await db.pool.query('update users set password_changed_at = now()');
  expect(await isAwaited()).toBe(false);
  await db.pool.query('update users set password_changed_at = null');
  expect(await isAwaited()).toBe(true);
  expect(await signIn(db.database, { email, password: 'swordfish', ipAddress: '192.0.2.1' })).toMatchObject({
    ok: true,
  });
  expect(await isAwaited()).toBe(false);
});
