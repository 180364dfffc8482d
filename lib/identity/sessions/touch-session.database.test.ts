import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { createUser } from '#lib/identity/users/create.ts';
import { authorizeAdministrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { atScale } from '#lib/testing/scale.ts';
import { signOut } from './sign-out.ts';
import { readSession, touchSession } from './touch-session.ts';

let db: TestDatabase;
let email: string;
let userId: string;
let sessionId: string;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

beforeEach(async () => {
  email = `${uuidv7()}@example.com`;
  const role = 'settings_administrator';
  const user = await createUser(db.database, { email, name: 'Ada', password: 'swordfish', role });
  const session = await signIn(db.database, { email, password: 'swordfish', ipAddress: '192.0.2.1' });
  if (!user.ok || !session.ok) throw new Error('not signed in');
  userId = user.id;
  sessionId = session.sessionId;
});

const touch = () => touchSession(db.database, sessionId, '192.0.2.1');
const shiftBack = (column: string, interval: string) =>
  db.pool.query(`update sessions set ${column} = ${column} - $1::interval where id = $2`, [
    interval,
    sessionId,
  ]);

test('returns only the named columns of the user', async () => {
  const role = 'settings_administrator';
  expect(await touch()).toEqual({
    userId,
    sessionId,
    name: 'Ada',
    email,
    role,
    ipAddress: '192.0.2.1',
    hasRecentAuth: true,
    isMfaSetupRequired: false,
  });
});

test('returns null for an unknown session', async () => {
  expect(await touchSession(db.database, uuidv7(), '192.0.2.1')).toBeNull();
});

test('expires a session that was not seen for thirty minutes', async () => {
  await shiftBack('last_seen_at', '29 minutes 30 seconds');
  expect(await touch()).not.toBeNull();
  await shiftBack('last_seen_at', '29 minutes 30 seconds');
  expect(await touch()).not.toBeNull();
  await shiftBack('last_seen_at', '30 minutes');
  expect(await touch()).toBeNull();
  expect(await touch()).toBeNull();
});

test('expires a session after twelve hours, even if it is in use', async () => {
  await shiftBack('created_at', '11 hours 59 minutes 30 seconds');
  expect(await touch()).not.toBeNull();
  await shiftBack('created_at', '30 seconds');
  expect(await touch()).toBeNull();
});

test('ends a session at sign-out and records it once', async () => {
  await signOut(db.database, sessionId);
  expect(await touch()).toBeNull();
  const ended = await db.pool.query('select ended_at from sessions where id = $1', [sessionId]);
  await signOut(db.database, sessionId);
  expect((await db.pool.query('select ended_at from sessions where id = $1', [sessionId])).rows).toEqual(
    ended.rows,
  );
  const { rows } = await db.pool.query(
    "select * from audit_events where action = 'sign_out' and user_id = $1",
    [userId],
  );
  expect(rows).toHaveLength(1);
});

test('refuses every request that begins after `signOut` returned', async () => {
  const before = await Promise.all(Array.from({ length: 20 }, touch));
  expect(before.every((user) => user !== null)).toBe(true);
  const concurrentRequests = Array.from({ length: 50 }, touch);
  await signOut(db.database, sessionId);
  const count = atScale({ normal: 100, soak: 1_000 });
  const after = await Promise.all(Array.from({ length: count }, touch));
  expect(after.filter((user) => user !== null)).toEqual([]);
  await Promise.all(concurrentRequests);
});

test('returns null if the user is inactive', async () => {
  await db.pool.query('update users set active = false where id = $1', [userId]);
  expect(await touch()).toBeNull();
});

test('returns the changed role immediately', async () => {
  expect(authorizeAdministrator(await touch())).toMatchObject({ ok: true });
  await db.pool.query("update users set role = 'settings_viewer' where id = $1", [userId]);
  expect(authorizeAdministrator(await touch())).toMatchObject({ ok: false, reason: 'wrong_role' });
  await db.pool.query('update users set role = null where id = $1', [userId]);
  expect(await touch()).toMatchObject({ role: null });
});

test('reads a session under the same conditions, without marking it as seen', async () => {
  const read = () => readSession(db.database, sessionId, '192.0.2.1');
  expect(await read()).toEqual(await touch());
  for (let round = 0; round < 3; round += 1) {
    await shiftBack('last_seen_at', '9 minutes 50 seconds');
    expect(await read()).not.toBeNull();
  }
  await shiftBack('last_seen_at', '30 seconds');
  expect(await read()).toBeNull();
  expect(await touch()).toBeNull();
});

test.each<[string, string]>([
  ['signed out', 'update sessions set ended_at = now() where id = $1'],
  ['twelve hours old', "update sessions set created_at = now() - interval '12 hours' where id = $1"],
  [
    'of a deactivated user',
    'update users set active = false from sessions where user_id = users.id and sessions.id = $1',
  ],
])('does not read a session that is %s', async (_, end) => {
  await db.pool.query(end, [sessionId]);
  expect(await readSession(db.database, sessionId, '192.0.2.1')).toBeNull();
});

test('has recent authentication for fifteen minutes', async () => {
  await shiftBack('authenticated_at', '14 minutes 30 seconds');
  expect(await touch()).toMatchObject({ hasRecentAuth: true });
  await shiftBack('authenticated_at', '30 seconds');
  expect(await touch()).toMatchObject({ hasRecentAuth: false });
});

test('requires MFA setup if the settings require a second factor and there is none', async () => {
  const required = settings().isSecondFactorRequired;
  settings().isSecondFactorRequired = true;
  expect(await touch()).toMatchObject({ isMfaSetupRequired: true });
  // With single sign-on, the provider is responsible for the second factor.
  await db.pool.query("update sessions set method = 'oidc' where id = $1", [sessionId]);
  expect(await touch()).toMatchObject({ isMfaSetupRequired: false });
  await db.pool.query("update sessions set method = 'password' where id = $1", [sessionId]);
  await db.pool.query("update users set totp_secret = 'x', totp_confirmed_at = null where id = $1", [userId]);
  expect(await touch()).toMatchObject({ isMfaSetupRequired: true });
  await db.pool.query('update users set totp_confirmed_at = now() where id = $1', [userId]);
  expect(await touch()).toMatchObject({ isMfaSetupRequired: false });
  settings().isSecondFactorRequired = required;
});
