import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { endSessionsOf } from '#lib/identity/sessions/end-sessions.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { SoftAuthenticator } from '#lib/testing/authenticator.ts';
import { codeNow, testPerson, withPasskey, withTotp } from '#lib/testing/people.ts';
import { addPasskey, startPasskey } from './add-passkey.ts';
import { listFactors } from './list.ts';
import { lockActor } from './lock-actor.ts';
import { removePasskey, removeTotp } from './remove-factor.ts';
import { renamePasskey } from './rename-passkey.ts';
import { renewRecoveryCodes } from './renew-recovery-codes.ts';
import { confirmTotp, startTotp } from './set-up-totp.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const end = ({ userId }: CurrentUser) =>
  withTransaction(db.database, (transaction) => endSessionsOf(transaction, userId, 'ended_by_user'));
const SIGNED_OUT = { ok: false, reason: 'signed_out' };

test('an ended session, somebody else’s, or one of who may not sign in holds nothing', async () => {
  const person = await testPerson(db.database);
  const { userId, sessionId } = person;
  const other = await testPerson(db.database);
  const hold = (asking: { userId: string; sessionId: string }) =>
    withTransaction(db.database, (transaction) => lockActor(transaction, asking));
  expect(await hold(person)).toMatchObject({ id: userId });
  expect(await hold({ userId, sessionId: other.sessionId })).toBeNull();
  await db.pool.query('update users set active = false where id = $1', [userId]);
  expect(await hold({ userId, sessionId })).toBeNull();
  await end(other);
  expect(await hold(other)).toBeNull();
});

test('whoever was signed out meanwhile gets no factor', async () => {
  const person = await testPerson(db.database);
  const started = await startPasskey(db.database, person);
  if (!started.ok) throw new Error(started.reason);
  const response = new SoftAuthenticator().register(started.options);
  const { challengeId } = started;
  await startTotp(db.database, person);
  const code = await codeNow(db.database, person.userId);
  await end(person);
  expect(await addPasskey(db.database, person, { challengeId, response, name: 'A phone' })).toMatchObject(
    SIGNED_OUT,
  );
  expect(await confirmTotp(db.database, person, { code })).toMatchObject(SIGNED_OUT);
  expect(await startTotp(db.database, person)).toMatchObject(SIGNED_OUT);
  // The secret is still the one from before.
  expect(await codeNow(db.database, person.userId)).toMatch(/^\d{6}$/);
  expect(await listFactors(db.database, person.userId)).toMatchObject({ passkeys: [], totpSince: null });
});

test('whoever was signed out meanwhile changes and removes no factor', async () => {
  const person = await testPerson(db.database);
  await withTotp(db.database, person);
  await withPasskey(db.database, person);
  const before = await listFactors(db.database, person.userId);
  const id = before.passkeys[0]?.id ?? '';
  await end(person);
  expect(await renamePasskey(db.database, person, { id, name: 'Mine' })).toMatchObject(SIGNED_OUT);
  expect(await removePasskey(db.database, person, { id })).toMatchObject(SIGNED_OUT);
  expect(await removeTotp(db.database, person)).toMatchObject(SIGNED_OUT);
  expect(await renewRecoveryCodes(db.database, person)).toMatchObject(SIGNED_OUT);
  expect(await listFactors(db.database, person.userId)).toEqual(before);
});
