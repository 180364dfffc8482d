import { and, eq, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { messages } from '#db/schema/messages.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { startUserLink } from '#lib/identity/email-links/start.ts';
import { listFactors } from '#lib/identity/mfa/list.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { removePasskey, removeTotp } from '#lib/identity/mfa/remove-factor.ts';
import { endSessionsOf } from '#lib/identity/sessions/end-sessions.ts';
import { completeSecondStep } from '#lib/identity/sign-in/second-step.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { ADDRESS, codeNow, PASSWORD, testPerson, withPasskey, withTotp } from '#lib/testing/people.ts';
import { atScale } from '#lib/testing/scale.ts';
import { changePassword } from './change.ts';

const NEW = 'a quiet lamp on the stairs';
const SHORT = 'a lamp!!';

let db: TestDatabase;
let person: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  person = await testPerson(db.database);
});

const change = (password: string, by = person, present = PASSWORD) =>
  changePassword(db.database, by, { present, password });
const enter = (password: string) => signIn(db.database, { email: person.email, password, address: ADDRESS });
const row = async () => (await db.database.select().from(users).where(eq(users.id, person.userId)))[0];
const openSessions = async () =>
  (
    await db.database
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.userId, person.userId), isNull(sessions.endedAt)))
  ).map(({ id }) => id);

test('changes it, ends the other sessions, tells the person, and is on record', async () => {
  await enter(PASSWORD);
  expect(await openSessions()).toHaveLength(2);
  expect(await change(NEW)).toEqual({ ok: true });
  expect(await openSessions()).toEqual([person.sessionId]);
  expect(await enter(PASSWORD)).toMatchObject({ ok: false, reason: 'wrong' });
  expect(await enter(NEW)).toMatchObject({ ok: true });
  expect(await row()).toMatchObject({ passwordStandsAlone: true, passwordChangedAt: expect.any(Date) });
  const told = await db.database.select().from(messages).where(eq(messages.userId, person.userId));
  expect(told).toMatchObject([{ notice: 'password_changed' }]);
  const acts = await db.database.select().from(auditEvents).where(eq(auditEvents.userId, person.userId));
  expect(acts.filter(({ act }) => act === 'password.changed')).toMatchObject([
    { address: ADDRESS, details: { sessionsEnded: 1 } },
  ]);
  expect(JSON.stringify(acts)).not.toContain(NEW);
});

test('wants the present password, and a new one that may be', async () => {
  expect(await change(SHORT)).toEqual({ ok: false, reason: 'short', least: 15 });
  expect(await change('passwordpassword')).toEqual({ ok: false, reason: 'common' });
  expect(await change(person.email)).toEqual({ ok: false, reason: 'about_you' });
  expect(await change(PASSWORD)).toEqual({ ok: false, reason: 'same' });
  expect(await change(NEW, person, `${PASSWORD}.`)).toEqual({ ok: false, reason: 'present_wrong' });
  expect(await enter(PASSWORD)).toMatchObject({ ok: true });
  await db.database.update(users).set({ passwordHash: null }).where(eq(users.id, person.userId));
  expect(await change(NEW)).toEqual({ ok: false, reason: 'present_wrong' });
});

test('needs no other proof, and is one', async () => {
  const long = { ...person, hasRecentAuth: false };
  expect(await change(NEW, long)).toEqual({ ok: true });
  const acts = await db.database.select().from(auditEvents).where(eq(auditEvents.userId, person.userId));
  expect(acts.map(({ act }) => act).slice(-2)).toEqual(['proof.given', 'password.changed']);
});

test('lets nobody guess the present one', async () => {
  const guesses = Array.from({ length: 12 }, (_, at) => `wrong ${at}`);
  const results = [];
  for (const guess of guesses) results.push(await change(NEW, person, guess));
  const wrong = results.filter((result) => !result.ok && result.reason === 'present_wrong');
  expect(wrong.length).toBeLessThanOrEqual(10);
  expect(results.at(-1)).toMatchObject({ ok: false, reason: 'throttled' });
  expect(await change(NEW)).toMatchObject({ ok: false, reason: 'throttled' });
});

test('does nothing in a session that was ended meanwhile', async () => {
  await withTransaction(db.database, (tx) => endSessionsOf(tx, person.userId, 'password_changed'));
  expect(await change(NEW)).toMatchObject({ ok: false, reason: 'signed_out' });
  expect(await enter(PASSWORD)).toMatchObject({ ok: true });
});

test('of many at once with the same present one, one', async () => {
  const results = await Promise.all(Array.from({ length: 8 }, (_, at) => change(`${NEW} ${at}`)));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await change(NEW)).toEqual({ ok: false, reason: 'present_wrong' });
});

test('ten times an hour at most', async () => {
  let present = PASSWORD;
  for (let at = 0; at < 10; at += 1) {
    expect(await change(`${NEW} ${at}`, person, present)).toEqual({ ok: true });
    present = `${NEW} ${at}`;
  }
  expect(await change(NEW, person, present)).toMatchObject({
    reason: 'throttled',
    retryAfterSeconds: expect.any(Number),
  });
  // Another person's count is another one, and a password that is refused costs none.
  person = await testPerson(db.database);
  for (let at = 0; at < 11; at += 1) expect(await change(SHORT)).toMatchObject({ reason: 'short' });
  expect(await change(NEW)).toEqual({ ok: true });
});

test('ends a sign-in that awaits its second step, and the links by email', async () => {
  await withTotp(db.database, person);
  const sender = await queueFor(db.pool);
  const { userId } = person;
  await withTransaction(db.database, async (tx) => {
    await lockUser(tx, userId);
    await startUserLink(tx, sender, { userId, purpose: 'password_reset', createdBy: null });
  });
  const begun = await enter(PASSWORD);
  if (begun.ok || begun.reason !== 'second_factor') throw new Error('no second step');
  expect(await change(NEW)).toEqual({ ok: true });
  const step = { kind: 'totp' as const, code: await codeNow(db.database, userId) };
  const pendingId = begun.pendingId;
  expect(await completeSecondStep(db.database, { pendingId, step, address: ADDRESS })).toEqual({
    ok: false,
    reason: 'over',
  });
  const pending = await db.pool.query('select 1 from pending_sign_ins where user_id = $1', [userId]);
  expect(pending.rows).toEqual([]);
  const links = await db.pool.query('select ended_because from user_links where user_id = $1', [userId]);
  expect(links.rows).toEqual([{ ended_because: 'withdrawn' }]);
});

test('with a short password, the last second factor stays', async () => {
  await withTotp(db.database, person);
  await withPasskey(db.database, person);
  expect(await change(SHORT)).toEqual({ ok: true });
  expect(await row()).toMatchObject({ passwordStandsAlone: false });
  expect(await removeTotp(db.database, person)).toEqual({ ok: true });
  const [passkey] = (await listFactors(db.database, person.userId)).passkeys;
  const id = passkey?.id ?? '';
  expect(await removePasskey(db.database, person, { id })).toEqual({ ok: false, reason: 'password_short' });
  expect(await change(NEW, person, SHORT)).toEqual({ ok: true });
  expect(await removePasskey(db.database, person, { id })).toEqual({ ok: true });
});

test('never leaves a short password alone, in whichever order', async () => {
  for (let round = 0; round < atScale({ normal: 4, soak: 10 }); round += 1) {
    person = await testPerson(db.database);
    await withTotp(db.database, person);
    await Promise.all([change(SHORT), removeTotp(db.database, person)]);
    const now = await row();
    expect(now?.passwordStandsAlone || now?.totpConfirmedAt !== null).toBe(true);
  }
});
