import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { SoftAuthenticator } from '#lib/testing/authenticator.ts';
import { computeTotpCode, createTestUser, setUpPasskey, setUpTotp } from '#lib/testing/test-users.ts';
import { addPasskey, beginPasskeyRegistration } from './add-passkey.ts';
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

const endSessions = ({ userId }: CurrentUser) =>
  withTransaction(db.database, (transaction) => endUserSessions(transaction, userId, 'ended_by_user'));
const readTotpSecret = async ({ userId }: CurrentUser) =>
  (await db.pool.query('select totp_secret from users where id = $1', [userId])).rows[0].totp_secret;
const SIGNED_OUT = { ok: false, reason: 'signed_out' };

describe('lockActor', () => {
  it('returns null for an ended session, another user’s session and an inactive user', async () => {
    const user = await createTestUser(db.database);
    const { userId, sessionId } = user;
    const other = await createTestUser(db.database);
    const lock = (actor: { userId: string; sessionId: string }) =>
      withTransaction(db.database, (transaction) => lockActor(transaction, actor));
    expect(await lock(user)).toMatchObject({ id: userId });
    expect(await lock({ userId, sessionId: other.sessionId })).toBeNull();
    await db.pool.query('update users set active = false where id = $1', [userId]);
    expect(await lock({ userId, sessionId })).toBeNull();
    await endSessions(other);
    expect(await lock(other)).toBeNull();
  });
});

describe('actions on factors after the session has ended', () => {
  it('refuses to add a factor', async () => {
    const user = await createTestUser(db.database);
    const started = await beginPasskeyRegistration(db.database, user);
    if (!started.ok) throw new Error(started.reason);
    const response = new SoftAuthenticator().register(started.options);
    const { challengeId } = started;
    await startTotp(db.database, user);
    const secret = await readTotpSecret(user);
    const code = await computeTotpCode(db.database, user.userId);
    await endSessions(user);
    expect(await addPasskey(db.database, user, { challengeId, response, name: 'A phone' })).toMatchObject(
      SIGNED_OUT,
    );
    expect(await confirmTotp(db.database, user, { code })).toMatchObject(SIGNED_OUT);
    expect(await startTotp(db.database, user)).toMatchObject(SIGNED_OUT);
    // The first `startTotp` has stored a secret, which is unchanged.
    expect(await readTotpSecret(user)).toEqual(secret);
    expect(await listFactors(db.database, user.userId)).toMatchObject({ passkeys: [], totpSince: null });
  });

  it('refuses to rename or remove a factor, and to renew recovery codes', async () => {
    const user = await createTestUser(db.database);
    await setUpTotp(db.database, user);
    await setUpPasskey(db.database, user);
    const before = await listFactors(db.database, user.userId);
    const id = before.passkeys[0]?.id ?? '';
    await endSessions(user);
    expect(await renamePasskey(db.database, user, { id, name: 'Mine' })).toMatchObject(SIGNED_OUT);
    expect(await removePasskey(db.database, user, { id })).toMatchObject(SIGNED_OUT);
    expect(await removeTotp(db.database, user)).toMatchObject(SIGNED_OUT);
    expect(await renewRecoveryCodes(db.database, user)).toMatchObject(SIGNED_OUT);
    expect(await listFactors(db.database, user.userId)).toEqual(before);
  });
});
