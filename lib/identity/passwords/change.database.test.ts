import { and, eq, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { messages } from '#db/schema/messages.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { startEmailLink } from '#lib/identity/email-links/start.ts';
import { listFactors } from '#lib/identity/mfa/list.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { removePasskey, removeTotp } from '#lib/identity/mfa/remove-factor.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import { touchSession } from '#lib/identity/sessions/touch-session.ts';
import { completeSecondStep } from '#lib/identity/sign-in/second-step.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { atScale } from '#lib/testing/scale.ts';
import {
  computeTotpCode,
  createTestUser,
  IP_ADDRESS,
  PASSWORD,
  setUpPasskey,
  setUpTotp,
} from '#lib/testing/test-users.ts';
import { changePassword } from './change.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

const NEW = 'a quiet lamp on the stairs';
const SHORT = 'a lamp!!';

let db: TestDatabase;
let user: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = await createTestUser(db.database);
});

const change = (password: string, actor = user, currentPassword = PASSWORD) =>
  changePassword(db.database, actor, { current: currentPassword, password });
const signInWith = (password: string) =>
  signIn(db.database, { email: user.email, password, ipAddress: IP_ADDRESS });
const readUserRow = async () => (await db.database.select().from(users).where(eq(users.id, user.userId)))[0];
const readOpenSessionIds = async () =>
  (
    await db.database
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.userId, user.userId), isNull(sessions.endedAt)))
  ).map(({ id }) => id);

test('changes the password, ends the other sessions, notifies the user, and records it', async () => {
  await signInWith(PASSWORD);
  expect(await readOpenSessionIds()).toHaveLength(2);
  expect(await change(NEW)).toEqual({ ok: true });
  expect(await readOpenSessionIds()).toEqual([user.sessionId]);
  expect(await signInWith(PASSWORD)).toMatchObject({ ok: false, reason: 'wrong_credentials' });
  expect(await signInWith(NEW)).toMatchObject({ ok: true });
  expect(await readUserRow()).toMatchObject({
    passwordAllowsSingleFactor: true,
    passwordChangedAt: expect.any(Date),
  });
  const notices = await db.database.select().from(messages).where(eq(messages.userId, user.userId));
  expect(notices).toMatchObject([{ notice: 'password_changed' }]);
  const events = await db.database.select().from(auditEvents).where(eq(auditEvents.userId, user.userId));
  expect(events.filter(({ action }) => action === 'password.changed')).toMatchObject([
    { ipAddress: IP_ADDRESS, details: { sessionsEnded: 1 } },
  ]);
  expect(JSON.stringify(events)).not.toContain(NEW);
});

test('requires the current password and a valid new one', async () => {
  expect(await change(SHORT)).toEqual({ ok: false, reason: 'too_short', minLength: 15 });
  expect(await change('passwordpassword')).toEqual({ ok: false, reason: 'too_common' });
  expect(await change(user.email)).toEqual({ ok: false, reason: 'personal_terms' });
  expect(await change(PASSWORD)).toEqual({ ok: false, reason: 'same_password' });
  expect(await change(NEW, user, `${PASSWORD}.`)).toEqual({ ok: false, reason: 'wrong_password' });
  expect(await signInWith(PASSWORD)).toMatchObject({ ok: true });
  await db.database.update(users).set({ passwordHash: null }).where(eq(users.id, user.userId));
  expect(await change(NEW)).toEqual({ ok: false, reason: 'wrong_password' });
});

test('requires no recent authentication of a user without a second factor, and records a re-authentication', async () => {
  const withoutRecentAuth = { ...user, hasRecentAuth: false };
  expect(await change(NEW, withoutRecentAuth)).toEqual({ ok: true });
  const events = await db.database.select().from(auditEvents).where(eq(auditEvents.userId, user.userId));
  expect(events.map(({ action }) => action).slice(-2)).toEqual(['proof.given', 'password.changed']);
});

test('requires recent authentication of a user with a second factor, for which the password is not enough', async () => {
  await setUpTotp(db.database, user);
  const withoutRecentAuth = { ...user, hasRecentAuth: false };
  const required = { ok: false, reason: 'reauthentication_required' };
  expect(await change(NEW, withoutRecentAuth)).toEqual(required);
  expect(await change(NEW, withoutRecentAuth, `${PASSWORD}.`)).toEqual(required);
  expect(await change(NEW, user, `${PASSWORD}.`)).toEqual({ ok: false, reason: 'wrong_password' });
  await db.pool.query("update sessions set authenticated_at = now() - interval '15 minutes' where id = $1", [
    user.sessionId,
  ]);
  expect(await change(NEW)).toEqual({ ok: true });
  // The current password did not renew the recent authentication.
  expect(await touchSession(db.database, user.sessionId, IP_ADDRESS)).toMatchObject({ hasRecentAuth: false });
});

test('limits guesses of the current password', async () => {
  const guesses = Array.from({ length: 12 }, (_, index) => `wrong ${index}`);
  const results = [];
  for (const guess of guesses) results.push(await change(NEW, user, guess));
  const wrong = results.filter((result) => !result.ok && result.reason === 'wrong_password');
  expect(wrong).toHaveLength(10);
  expect(results.at(-1)).toMatchObject({ ok: false, reason: 'rate_limited' });
  expect(await change(NEW)).toMatchObject({ ok: false, reason: 'rate_limited' });
});

test('changes nothing if the session has ended', async () => {
  await withTransaction(db.database, (transaction) =>
    endUserSessions(transaction, user.userId, 'password_changed'),
  );
  expect(await change(NEW)).toMatchObject({ ok: false, reason: 'signed_out' });
  expect(await signInWith(PASSWORD)).toMatchObject({ ok: true });
});

test('accepts one of eight concurrent changes with the same current password', async () => {
  const results = await Promise.all(Array.from({ length: 8 }, (_, index) => change(`${NEW} ${index}`)));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await change(NEW)).toEqual({ ok: false, reason: 'wrong_password' });
});

test('limits changes to ten an hour per user', async () => {
  let currentPassword = PASSWORD;
  for (let index = 0; index < 10; index += 1) {
    expect(await change(`${NEW} ${index}`, user, currentPassword)).toEqual({ ok: true });
    currentPassword = `${NEW} ${index}`;
  }
  expect(await change(NEW, user, currentPassword)).toMatchObject({
    reason: 'rate_limited',
    retryAfterSeconds: expect.any(Number),
  });
  // Another user has a limit of their own, and a rejected password does not count towards it.
  user = await createTestUser(db.database);
  for (let index = 0; index < 11; index += 1)
    expect(await change(SHORT)).toMatchObject({ reason: 'too_short' });
  expect(await change(NEW)).toEqual({ ok: true });
});

test('deletes pending sign-ins and withdraws email links', async () => {
  await setUpTotp(db.database, user);
  const queue = await getQueue(db.pool);
  const { userId } = user;
  await withTransaction(db.database, async (transaction) => {
    await lockUser(transaction, userId);
    await startEmailLink(transaction, queue, { userId, purpose: 'password_reset', createdBy: null });
  });
  const firstStep = await signInWith(PASSWORD);
  if (firstStep.ok || firstStep.reason !== 'second_factor') throw new Error('no second step');
  expect(await change(NEW)).toEqual({ ok: true });
  const step = { kind: 'totp' as const, code: await computeTotpCode(db.database, userId) };
  const pendingId = firstStep.pendingId;
  expect(await completeSecondStep(db.database, { pendingId, step, ipAddress: IP_ADDRESS })).toEqual({
    ok: false,
    reason: 'expired',
  });
  const pending = await db.pool.query('select 1 from pending_sign_ins where user_id = $1', [userId]);
  expect(pending.rows).toEqual([]);
  const links = await db.pool.query('select end_reason from user_links where user_id = $1', [userId]);
  expect(links.rows).toEqual([{ end_reason: 'withdrawn' }]);
});

test('keeps the last second factor of a user with a short password', async () => {
  await setUpTotp(db.database, user);
  await setUpPasskey(db.database, user);
  expect(await change(SHORT)).toEqual({ ok: true });
  expect(await readUserRow()).toMatchObject({ passwordAllowsSingleFactor: false });
  expect(await removeTotp(db.database, user)).toEqual({ ok: true });
  const [passkey] = (await listFactors(db.database, user.userId)).passkeys;
  const id = passkey?.id ?? '';
  expect(await removePasskey(db.database, user, { id })).toEqual({ ok: false, reason: 'password_too_short' });
  expect(await change(NEW, user, SHORT)).toEqual({ ok: true });
  expect(await removePasskey(db.database, user, { id })).toEqual({ ok: true });
});

test('never leaves a short password as the only factor, even if the factor is removed concurrently', async () => {
  for (let round = 0; round < atScale({ normal: 4, soak: 10 }); round += 1) {
    user = await createTestUser(db.database);
    await setUpTotp(db.database, user);
    await Promise.all([change(SHORT), removeTotp(db.database, user)]);
    const row = await readUserRow();
    expect(row?.passwordAllowsSingleFactor || row?.totpConfirmedAt !== null).toBe(true);
  }
});
