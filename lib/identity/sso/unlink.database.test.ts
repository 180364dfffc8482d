import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { readSession } from '#lib/identity/sessions/read-session.ts';
import { beginSecondStep } from '#lib/identity/sign-in/pending-sign-in.ts';
import { resetPasswordAtConsole } from '#lib/identity/users/reset-password-at-console.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { someOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { until } from '#lib/testing/until.ts';
import { actsOn, invitedUser, userOf } from '#lib/testing/users.ts';
import { parseIdentity } from './party-of.ts';
import { reauthenticateWithSso } from './reauthenticate.ts';
import { signInWithSso } from './sign-in.ts';
import { unlinkSso } from './unlink.ts';
import type { OidcProfile } from './validate-claims.ts';

setEnvironment({
  OIDC_ISSUER: 'https://id.example.org',
  OIDC_CLIENT_ID: 'stagedoor',
  OIDC_CLIENT_SECRET: 'secret',
  OIDC_NAME: 'Northwind',
});

const ADDRESS = '192.0.2.1';

let db: TestDatabase;
let by: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  by = await testAdministrator(db.database);
});
afterAll(() => db.drop());

const enter = (holder: OidcProfile, { database } = db) =>
  signInWithSso(database, { holder, arrival: { address: ADDRESS } });

/** Somebody who has signed in at the provider, and is signed in. */
async function someone(of = db) {
  const administrator = await testAdministrator(of.database);
  const holder = someOidcProfile({ email: administrator.email });
  const entered = await enter(holder, of);
  if (!entered.ok) throw new Error(entered.reason);
  return { ...administrator, holder, atProvider: entered.sessionId };
}

const forget = (administrator: Administrator, id: string, { database } = db) =>
  unlinkSso(database, administrator, { id, version: 1 });
const isAlive = async (id: string) => (await readSession(db.database, id, ADDRESS)) !== null;
const forgotten = async (userId: string) =>
  (await actsOn(db, userId)).filter(({ act }) => act === 'identity.forgotten');

test('lets the account that was made anew in by its address, and the one before no more', async () => {
  const person = await someone();
  const { userId, email, holder } = person;
  const anew = someOidcProfile({ email });
  expect(await enter(anew)).toEqual({ ok: false, reason: 'other_identity' });
  expect(await userOf(db, userId)).toMatchObject({ provider: 'Northwind', roleByClaim: false });
  expect(await forget(by, userId)).toEqual({ ok: true, email, stayed: false });
  expect(await userOf(db, userId)).toMatchObject({ provider: null, roleByClaim: false });
  expect(await enter(anew)).toMatchObject({ ok: true });
  expect(await enter(holder)).toEqual({ ok: false, reason: 'other_identity' });
});

test('ends sessions and half sign-ins, tells the person, and puts on record what was forgotten', async () => {
  const { userId, email, sessionId, atProvider, holder } = await someone();
  await withTransaction(db.database, (transaction) => beginSecondStep(transaction, userId));
  await forget(by, userId);
  expect([await isAlive(sessionId), await isAlive(atProvider)]).toEqual([false, false]);
  const { rows } = await db.pool.query(
    `select (select count(*)::int from pending_sign_ins where user_id = $1) as pending,
       (select array_agg(distinct ended_because) from sessions where user_id = $1) as because,
       (select notice_to from messages where user_id = $1 and notice = 'single_sign_on_forgotten') as told`,
    [userId],
  );
  expect(rows).toEqual([{ pending: 0, because: ['factor_changed'], told: email }]);
  const details = { ...parseIdentity(holder.issuerAndSubject), sessionsEnded: 2 };
  expect(await forgotten(userId)).toEqual([{ act: 'identity.forgotten', details }]);
});

test('wants a fresh proof, and says where there is nobody, or nothing to forget', async () => {
  const { userId, atProvider } = await someone();
  const stale = { ...by, hasRecentAuth: false } as Administrator;
  expect(await forget(stale, userId)).toEqual({ ok: false, reason: 'reauthentication_required' });
  expect(await isAlive(atProvider)).toBe(true);
  expect(await forget(by, uuidv7())).toEqual({ ok: false, reason: 'missing' });
  const invited = await invitedUser(db, by, `${uuidv7()}@example.com`);
  expect(await forget(by, invited.id)).toEqual({ ok: false, reason: 'not_linked' });
  const other = await testAdministrator(db.database);
  expect(await forget(by, other.userId)).toEqual({ ok: false, reason: 'not_linked' });
  expect(await isAlive(other.sessionId)).toBe(true);
});

test('whoever does it to themselves stays where they are, and proves nothing there any more', async () => {
  const person = await someone();
  const { userId, email, sessionId, atProvider, holder } = person;
  expect(await forget(person, userId)).toEqual({ ok: true, email, stayed: true });
  expect([await isAlive(sessionId), await isAlive(atProvider)]).toEqual([true, false]);
  expect(await reauthenticateWithSso(db.database, person, holder)).toEqual({
    ok: false,
    reason: 'other_person',
  });
});

test('of two administrators at once one does it, and of two who do it to each other one remains', async () => {
  const { userId } = await someone();
  const other = await testAdministrator(db.database);
  const results = await Promise.all([by, other, by, other].map((each) => forget(each, userId)));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  for (const result of results) if (!result.ok) expect(result.reason).toBe('not_linked');
  expect(await forgotten(userId)).toHaveLength(1);
  const [one, two] = [await someone(), await someone()];
  const each = await Promise.all([forget(one, two.userId), forget(two, one.userId)]);
  expect(each.filter(({ ok }) => ok)).toHaveLength(1);
  expect(each.filter((result) => !result.ok && result.reason === 'signed_out')).toHaveLength(1);
});

test('a sign-on at the same moment is ended by it, or comes after it and links anew', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { userId, holder } = await someone();
    const [entered, done] = await Promise.all([enter(holder), forget(by, userId)]);
    if (!entered.ok || !done.ok) throw new Error('refused');
    // Nobody is signed in by an account that was forgotten.
    const linked = (await userOf(db, userId)).provider !== null;
    expect(await isAlive(entered.sessionId)).toBe(linked);
  }
});

/** Resolves once so many acts of this database wait for a lock. */
const waiting = (count: number) =>
  until(
    async () =>
      (
        await db.pool.query(
          "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).rows.length,
    (found) => found === count,
  );

test('a sign-on that comes while it is forgotten at the console waits, and links anew', async () => {
  const { userId, email, holder } = await someone();
  const { reset, entering } = await withTransaction(db.database, async (transaction) => {
    await lockUser(transaction, userId);
    const asked = { email, removeSecondFactor: false, unlinkSso: true };
    const reset = resetPasswordAtConsole(db.database, asked);
    expect(await waiting(1)).toBe(1);
    const entering = enter(holder);
    expect(await waiting(2)).toBe(2);
    return { reset, entering };
  });
  expect(await reset).toMatchObject({ ok: true, singleSignOn: 'forgotten' });
  const entered = await entering;
  if (!entered.ok) throw new Error(entered.reason);
  const linked = (await userOf(db, userId)).provider !== null;
  expect(await isAlive(entered.sessionId)).toBe(linked);
});

test('leaves the last administrator theirs, unless they have a password that is taken', async () => {
  const alone = await createTestDatabase();
  const person = await someone(alone);
  expect(await forget(person, person.userId, alone)).toMatchObject({ ok: true });
  await enter(person.holder, alone);
  Object.assign(settings(), { passwordSignIn: false });
  try {
    expect(await forget(person, person.userId, alone)).toEqual({ ok: false, reason: 'last' });
    const other = await someone(alone);
    expect(await forget(other, person.userId, alone)).toMatchObject({ ok: true });
    expect(await forget(other, other.userId, alone)).toEqual({ ok: false, reason: 'last' });
  } finally {
    Object.assign(settings(), { passwordSignIn: true });
  }
  await alone.drop();
});
