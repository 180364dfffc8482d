import { hash } from '@node-rs/argon2';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { verifyPassword } from '#lib/identity/passwords/hash.ts';
import { touchSession } from '#lib/identity/sessions/touch-session.ts';
import { createUser } from '#lib/identity/users/create.ts';
import { atScale } from '#lib/testing/scale.ts';
import { signIn } from './sign-in.ts';

let db: TestDatabase;
let email: string;
let userId: string;
let ipAddress: string;
let ipAddressCount = 0;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

beforeEach(async () => {
  email = `${uuidv7()}@example.com`;
  ipAddressCount += 1;
  ipAddress = `198.51.100.${ipAddressCount}`;
  const user = await createUser(db.database, { email, name: 'Ada', password: 'swordfish', role: null });
  if (!user.ok) throw new Error('not created');
  userId = user.id;
});

const attempt = (fields: Partial<Parameters<typeof signIn>[1]> = {}) =>
  signIn(db.database, { email, password: 'swordfish', ipAddress, ...fields });
const readAuditEvents = async () =>
  (
    await db.pool.query(
      'select action, user_id, target_user_id, address, details from audit_events where address = $1 order by position',
      [ipAddress],
    )
  ).rows;
const query = (text: string, ...values: unknown[]) => db.pool.query(text, values);

test('starts a session and records it', async () => {
  const result = await attempt();
  if (!result.ok) throw new Error(result.reason);
  expect(await touchSession(db.database, result.sessionId, '192.0.2.1')).toMatchObject({ userId });
  expect(await readAuditEvents()).toEqual([
    {
      action: 'sign_in.succeeded',
      user_id: userId,
      target_user_id: null,
      address: ipAddress,
      details: { method: 'password' },
    },
  ]);
});

test('accepts the email address in any case, with spaces around it', async () => {
  expect(await attempt({ email: ` ${email.toUpperCase()} ` })).toMatchObject({ ok: true });
});

test('starts a new session each time, and ends the previous one of the browser', async () => {
  const first = await attempt();
  if (!first.ok) throw new Error(first.reason);
  const second = await attempt({ previousSessionId: first.sessionId });
  if (!second.ok) throw new Error(second.reason);
  expect(second.sessionId).not.toBe(first.sessionId);
  expect(await touchSession(db.database, first.sessionId, '192.0.2.1')).toBeNull();
  expect(await touchSession(db.database, second.sessionId, '192.0.2.1')).not.toBeNull();
});

test('keeps the previous session of the browser if the password is wrong', async () => {
  const first = await attempt();
  if (!first.ok) throw new Error(first.reason);
  await attempt({ password: 'not the password', previousSessionId: first.sessionId });
  expect(await touchSession(db.database, first.sessionId, '192.0.2.1')).not.toBeNull();
});

test('returns the same for a wrong password, an unknown email address and an inactive user, and records each', async () => {
  const wrongCredentials = { ok: false, reason: 'wrong_credentials' };
  expect(await attempt({ password: 'not the password' })).toEqual(wrongCredentials);
  expect(await attempt({ email: `nobody-${email}` })).toEqual(wrongCredentials);
  await query('update users set active = false where id = $1', userId);
  expect(await attempt()).toEqual(wrongCredentials);
  expect((await query('select 1 from sessions where user_id = $1', userId)).rows).toEqual([]);
  expect((await readAuditEvents()).map((row) => row.action)).toEqual(Array(3).fill('sign_in.failed'));
  // The actor is unknown; only the targeted user is recorded.
  expect((await readAuditEvents()).map((row) => row.user_id)).toEqual([null, null, null]);
  expect((await readAuditEvents()).map((row) => row.target_user_id)).toEqual([userId, null, userId]);
});

test('uses as much CPU time for an unknown email address as for a known one', async () => {
  const cpuTime = { known: [] as number[], unknown: [] as number[] };
  for (let run = 0; run < atScale({ normal: 5, soak: 15 }); run += 1) {
    for (const kind of ['known', 'unknown'] as const) {
      const submittedEmail = kind === 'known' ? email : `nobody-${email}`;
      const before = process.cpuUsage();
      await attempt({
        email: submittedEmail,
        password: 'not the password',
        ipAddress: `10.0.${ipAddressCount}.${run}`,
      });
      const { user, system } = process.cpuUsage(before);
      cpuTime[kind].push(user + system);
    }
  }
  // The CPU time of this process does not depend on the machine's load. Without a comparison with a dummy hash, an unknown
  // email address would use a fraction of it.
  const ratio = Math.min(...cpuTime.unknown) / Math.min(...cpuTime.known);
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});

test('records neither the password nor the submitted email address', async () => {
  await attempt({ email: 'hunter2-typed-here', password: 'hunter2-password' });
  const everything = await query(
    'select audit_events::text as row from audit_events union all select rate_limits::text from rate_limits',
  );
  expect(everything.rows.length).toBeGreaterThan(1);
  expect(JSON.stringify(everything.rows)).not.toContain('hunter2');
});

test('rehashes the password if the stored hash has weaker parameters', async () => {
  const weak = await hash('swordfish', { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
  await query('update users set password_hash = $1 where id = $2', weak, userId);
  expect(await attempt({ password: 'not the password' })).toMatchObject({ ok: false });
  const stored = async () =>
    (await query('select password_hash from users where id = $1', userId)).rows[0].password_hash;
  expect(await stored()).toBe(weak);
  expect(await attempt()).toMatchObject({ ok: true });
  expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await verifyPassword(await stored(), 'swordfish', 'untrusted')).toBe(true);
  const rehashed = await stored();
  expect(await attempt()).toMatchObject({ ok: true });
  expect(await stored()).toBe(rehashed);
});

test('starts no session if the sign-in cannot be recorded', async () => {
  await query("alter table audit_events add constraint full_disk check (address <> '203.0.113.99')");
  await expect(attempt({ ipAddress: '203.0.113.99' })).rejects.toThrow();
  expect((await query('select 1 from sessions where user_id = $1', userId)).rows).toEqual([]);
});

test('rejects a user who is deactivated after the password was compared', async () => {
  const blocker = await db.pool.connect();
  await blocker.query('begin');
  await blocker.query('update users set active = false where id = $1', [userId]);
  const pending = attempt();
  // When the sign-in waits for the row, it has compared the password.
  await expect
    .poll(
      async () =>
        (
          await query(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
          )
        ).rowCount,
    )
    .toBe(1);
  await blocker.query('commit');
  blocker.release();
  expect(await pending).toEqual({ ok: false, reason: 'wrong_credentials' });
  expect((await query('select 1 from sessions where user_id = $1', userId)).rows).toEqual([]);
});
