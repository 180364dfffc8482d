import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import {
  computeTotpCode,
  createTestUser,
  IP_ADDRESS,
  PASSWORD,
  setUpPasskey,
  setUpTotp,
} from '#lib/testing/test-users.ts';
import { listFactors } from './list.ts';
import { removePasskey, removeTotp } from './remove-factor.ts';
import { renewRecoveryCodes } from './renew-recovery-codes.ts';
import { confirmTotp, startTotp } from './set-up-totp.ts';

let db: TestDatabase;
let user: CurrentUser;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = await createTestUser(db.database);
});

const readFactors = () => listFactors(db.database, user.userId);
const confirmWithCorrectCode = async () =>
  confirmTotp(db.database, user, { code: await computeTotpCode(db.database, user.userId) });
const signInWithPassword = () =>
  signIn(db.database, { email: user.email, password: PASSWORD, ipAddress: IP_ADDRESS });

test('adds the factor only after a correct first code', async () => {
  const started = await startTotp(db.database, user);
  expect(started).toMatchObject({
    ok: true,
    secret: expect.stringMatching(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/),
  });
  expect(await readFactors()).toMatchObject({ totpSince: null });
  expect(await signInWithPassword()).toMatchObject({ ok: true });
  expect(await confirmTotp(db.database, user, { code: '12' })).toMatchObject({ reason: 'malformed' });
  const wrongCode = await computeTotpCode(db.database, user.userId, 1_000);
  expect(await confirmTotp(db.database, user, { code: wrongCode })).toMatchObject({
    reason: 'wrong_code',
  });
  expect(await signInWithPassword()).toMatchObject({ ok: true });
  expect(await confirmWithCorrectCode()).toEqual({ ok: true, recoveryCodes: expect.any(Array) });
  expect(await readFactors()).toMatchObject({ totpSince: expect.any(Date), recoveryCodesLeft: 10 });
  expect(await signInWithPassword()).toMatchObject({
    ok: false,
    reason: 'second_factor',
    factors: ['totp', 'recovery'],
  });
});

test('generates a new secret each time until one is confirmed', async () => {
  const one = await startTotp(db.database, user);
  const earlierCode = await computeTotpCode(db.database, user.userId);
  const two = await startTotp(db.database, user);
  expect(one.ok && two.ok && one.secret !== two.secret).toBe(true);
  expect(await confirmTotp(db.database, user, { code: earlierCode })).toMatchObject({ reason: 'wrong_code' });
  expect(await confirmWithCorrectCode()).toMatchObject({ ok: true });
  expect(await startTotp(db.database, user)).toEqual({ ok: false, reason: 'already_set_up' });
  expect(await confirmWithCorrectCode()).toEqual({ ok: false, reason: 'already_set_up' });
});

test('accepts one of twenty concurrent confirmations, with one set of recovery codes', async () => {
  await startTotp(db.database, user);
  const results = await Promise.all(Array.from({ length: 20 }, confirmWithCorrectCode));
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(await readFactors()).toMatchObject({ recoveryCodesLeft: 10 });
});

test('requires recent authentication to add and remove the factor, and to renew recovery codes', async () => {
  const stale = { ...user, hasRecentAuth: false };
  const reauthenticationRequired = { ok: false, reason: 'reauthentication_required' };
  expect(await startTotp(db.database, stale)).toEqual(reauthenticationRequired);
  await startTotp(db.database, user);
  const code = await computeTotpCode(db.database, user.userId);
  expect(await confirmTotp(db.database, stale, { code })).toEqual(reauthenticationRequired);
  expect(await confirmWithCorrectCode()).toMatchObject({ ok: true });
  expect(await removeTotp(db.database, stale)).toEqual(reauthenticationRequired);
  expect(await renewRecoveryCodes(db.database, stale)).toEqual(reauthenticationRequired);
  expect(await readFactors()).toMatchObject({ totpSince: expect.any(Date), recoveryCodesLeft: 10 });
});

test('deletes the secret with the factor, and the recovery codes with the last factor', async () => {
  await setUpTotp(db.database, user);
  await setUpPasskey(db.database, user);
  expect(await removeTotp(db.database, user)).toEqual({ ok: true });
  expect(await removeTotp(db.database, user)).toEqual({ ok: false, reason: 'not_found' });
  const { rows } = await db.pool.query('select totp_secret from users where id = $1', [user.userId]);
  expect(rows).toEqual([{ totp_secret: null }]);
  expect(await readFactors()).toMatchObject({ totpSince: null, recoveryCodesLeft: 10 });
  const id = (await readFactors()).passkeys[0]?.id ?? '';
  expect(await removePasskey(db.database, user, { id })).toEqual({ ok: true });
  expect(await readFactors()).toMatchObject({ passkeys: [], recoveryCodesLeft: 0 });
  expect(await renewRecoveryCodes(db.database, user)).toEqual({ ok: false, reason: 'no_factor' });
  expect(await signInWithPassword()).toMatchObject({ ok: true });
});

test('keeps an authenticator app that was set up after the user had opened the page', async () => {
  await setUpTotp(db.database, user);
  const { totpSince: seenSince } = await readFactors();
  if (!seenSince) throw new Error('no authenticator app');
  await removeTotp(db.database, user, { addedAt: seenSince });
  await setUpTotp(db.database, user);
  expect(await removeTotp(db.database, user, { addedAt: seenSince })).toEqual({
    ok: false,
    reason: 'replaced',
  });
  const { totpSince } = await readFactors();
  if (!totpSince) throw new Error('the authenticator app was removed');
  expect(await removeTotp(db.database, user, { addedAt: totpSince })).toEqual({ ok: true });
});

test('keeps recovery codes that were generated after the user had opened the page', async () => {
  await setUpTotp(db.database, user);
  const { recoveryCodesSince: seenSince } = await readFactors();
  const renew = (generatedAt: Date | null) => renewRecoveryCodes(db.database, user, { generatedAt });
  expect(await renew(seenSince)).toMatchObject({ ok: true });
  const refused = await renew(seenSince);
  const { recoveryCodesSince: generatedAt } = await readFactors();
  expect(refused).toEqual({ ok: false, reason: 'already_renewed', generatedAt, readAt: expect.any(Date) });
  expect(await renew(null)).toMatchObject({ reason: 'already_renewed' });
  expect((await readFactors()).recoveryCodesSince).toEqual(generatedAt);
  expect(await renew(generatedAt)).toMatchObject({ ok: true });
});

test('keeps the last factor if the settings require one, even with concurrent removals', async () => {
  await setUpTotp(db.database, user);
  await setUpPasskey(db.database, user);
  const required = settings().isSecondFactorRequired;
  settings().isSecondFactorRequired = true;
  const id = (await readFactors()).passkeys[0]?.id ?? '';
  const results = await Promise.all([
    removeTotp(db.database, user),
    removePasskey(db.database, user, { id }),
  ]);
  settings().isSecondFactorRequired = required;
  expect(results.map((result) => (result.ok ? 'removed' : result.reason)).toSorted()).toEqual([
    'last_factor',
    'removed',
  ]);
});
