import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { ADDRESS, codeNow, PASSWORD, testPerson, withPasskey, withTotp } from '#lib/testing/people.ts';
import { listFactors } from './list.ts';
import { removePasskey, removeTotp } from './remove-factor.ts';
import { renewRecoveryCodes } from './renew-recovery-codes.ts';
import { confirmTotp, startTotp } from './set-up-totp.ts';

let db: TestDatabase;
let person: CurrentUser;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  person = await testPerson(db.database);
});

const factors = () => listFactors(db.database, person.userId);
const confirmed = async () =>
  confirmTotp(db.database, person, { code: await codeNow(db.database, person.userId) });
const enter = () => signIn(db.database, { email: person.email, password: PASSWORD, address: ADDRESS });

test('is no factor before its first code was right', async () => {
  const started = await startTotp(db.database, person);
  expect(started).toMatchObject({
    ok: true,
    secret: expect.stringMatching(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/),
  });
  expect(await factors()).toMatchObject({ totpSince: null });
  expect(await enter()).toMatchObject({ ok: true });
  expect(await confirmTotp(db.database, person, { code: '12' })).toMatchObject({ reason: 'malformed' });
  const wrong = await codeNow(db.database, person.userId, 1_000);
  expect(await confirmTotp(db.database, person, { code: wrong })).toMatchObject({ reason: 'wrong' });
  expect(await enter()).toMatchObject({ ok: true });
  expect(await confirmed()).toEqual({ ok: true, recoveryCodes: expect.any(Array) });
  expect(await factors()).toMatchObject({ totpSince: expect.any(Date), recoveryCodesLeft: 10 });
  expect(await enter()).toMatchObject({ ok: false, reason: 'second_factor', factors: ['totp', 'recovery'] });
});

test('makes a new secret each time, until one is confirmed', async () => {
  const one = await startTotp(db.database, person);
  const early = await codeNow(db.database, person.userId);
  const two = await startTotp(db.database, person);
  expect(one.ok && two.ok && one.secret !== two.secret).toBe(true);
  expect(await confirmTotp(db.database, person, { code: early })).toMatchObject({ reason: 'wrong' });
  expect(await confirmed()).toMatchObject({ ok: true });
  expect(await startTotp(db.database, person)).toEqual({ ok: false, reason: 'exists' });
  expect(await confirmed()).toEqual({ ok: false, reason: 'exists' });
});

test('is confirmed by one of twenty at once, with one set of codes', async () => {
  await startTotp(db.database, person);
  const results = await Promise.all(Array.from({ length: 20 }, confirmed));
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(await factors()).toMatchObject({ recoveryCodesLeft: 10 });
});

test('wants a fresh proof to come and to go', async () => {
  const stale = { ...person, hasRecentAuth: false };
  const needed = { ok: false, reason: 'reauthentication_required' };
  expect(await startTotp(db.database, stale)).toEqual(needed);
  await startTotp(db.database, person);
  const code = await codeNow(db.database, person.userId);
  expect(await confirmTotp(db.database, stale, { code })).toEqual(needed);
  expect(await confirmed()).toMatchObject({ ok: true });
  expect(await removeTotp(db.database, stale)).toEqual(needed);
  expect(await renewRecoveryCodes(db.database, stale)).toEqual(needed);
  expect(await factors()).toMatchObject({ totpSince: expect.any(Date), recoveryCodesLeft: 10 });
});

test('goes with its secret, and with the recovery codes where it was the last factor', async () => {
  await withTotp(db.database, person);
  await withPasskey(db.database, person);
  expect(await removeTotp(db.database, person)).toEqual({ ok: true });
  expect(await removeTotp(db.database, person)).toEqual({ ok: false, reason: 'missing' });
  const { rows } = await db.pool.query('select totp_secret from users where id = $1', [person.userId]);
  expect(rows).toEqual([{ totp_secret: null }]);
  expect(await factors()).toMatchObject({ totpSince: null, recoveryCodesLeft: 10 });
  const id = (await factors()).passkeys[0]?.id ?? '';
  expect(await removePasskey(db.database, person, { id })).toEqual({ ok: true });
  expect(await factors()).toMatchObject({ passkeys: [], recoveryCodesLeft: 0 });
  expect(await renewRecoveryCodes(db.database, person)).toEqual({ ok: false, reason: 'missing' });
  expect(await enter()).toMatchObject({ ok: true });
});

test('the last of them stays where the installation requires one, whatever is removed at once', async () => {
  await withTotp(db.database, person);
  await withPasskey(db.database, person);
  const required = settings().requireSecondFactor;
  settings().requireSecondFactor = true;
  const id = (await factors()).passkeys[0]?.id ?? '';
  const results = await Promise.all([
    removeTotp(db.database, person),
    removePasskey(db.database, person, { id }),
  ]);
  settings().requireSecondFactor = required;
  expect(results.map((result) => (result.ok ? 'gone' : result.reason)).toSorted()).toEqual(['gone', 'last']);
});
