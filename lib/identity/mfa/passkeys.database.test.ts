import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { type Forgery, SoftAuthenticator } from '#lib/testing/authenticator.ts';
import { createTestUser, PASSWORD, setUpPasskey } from '#lib/testing/test-users.ts';
import { addPasskey, beginPasskeyRegistration } from './add-passkey.ts';
import { listFactors } from './list.ts';
import { removePasskey } from './remove-factor.ts';
import { renamePasskey } from './rename-passkey.ts';

let db: TestDatabase;
let user: CurrentUser;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = await createTestUser(db.database);
});

const query = async (text: string, ...values: unknown[]) => (await db.pool.query(text, values)).rows;
const listPasskeys = async () => (await listFactors(db.database, user.userId)).passkeys;
const expireChallenges = () =>
  query("update passkey_challenges set expires_at = expires_at - interval '5 minutes'");

async function startRegistration(owner = user) {
  const started = await beginPasskeyRegistration(db.database, owner);
  if (!started.ok) throw new Error(started.reason);
  return started;
}

async function register(forgery: Forgery, authenticator = new SoftAuthenticator()) {
  const { options, challengeId } = await startRegistration();
  const response = authenticator.register(options, forgery);
  return addPasskey(db.database, user, { challengeId, response, name: 'A phone' });
}

describe('addPasskey', () => {
  it('stores the passkey, returns recovery codes with the first one, notifies the user and records it', async () => {
    expect(await register({})).toEqual({ ok: true, recoveryCodes: expect.any(Array) });
    expect(await register({})).toEqual({ ok: true, recoveryCodes: null });
    expect(await listPasskeys()).toMatchObject([{ name: 'A phone' }, { name: 'A phone' }]);
    const notices = await query('select notice from messages where user_id = $1', user.userId);
    expect(notices).toEqual([{ notice: 'passkey_added' }, { notice: 'passkey_added' }]);
    const events = await query(
      "select action from audit_events where user_id = $1 and (action like '%.added' or action like '%.made')",
      user.userId,
    );
    expect(events.map((row) => row.action).toSorted()).toEqual([
      'passkey.added',
      'passkey.added',
      'recovery_codes.made',
    ]);
  });

  it('records how many other sessions it has ended', async () => {
    const { email } = user;
    for (let run = 0; run < 2; run += 1) {
      await signIn(db.database, { email, password: PASSWORD, ipAddress: user.ipAddress });
    }
    await register({});
    await register({});
    const events = await query(
      "select details from audit_events where user_id = $1 and action = 'passkey.added' order by position",
      user.userId,
    );
    expect(events).toMatchObject([{ details: { sessionsEnded: 2 } }, { details: { sessionsEnded: 0 } }]);
  });

  it.each<[string, Forgery]>([
    ['on a page of another origin', { origin: 'https://stagedoor.example' }],
    ['for another relying party', { rpId: 'stagedoor.example' }],
    ['without user verification', { verified: false }],
    ['by a sign-in response', { type: 'webauthn.get' }],
  ])('rejects a passkey that was created %s', async (_, forgery) => {
    expect(await register(forgery)).toEqual({ ok: false, reason: 'verification_failed' });
    expect(await listPasskeys()).toEqual([]);
  });

  it('accepts a challenge only once, only before it expires, and only from the user who requested it', async () => {
    const { options, challengeId } = await startRegistration();
    const add = (owner: CurrentUser) => {
      const response = new SoftAuthenticator().register(options);
      return addPasskey(db.database, owner, { challengeId, response, name: 'X' });
    };
    expect(await add(await createTestUser(db.database))).toMatchObject({ reason: 'verification_failed' });
    const results = await Promise.all(Array.from({ length: 10 }, () => add(user)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    const expiring = await startRegistration();
    await expireChallenges();
    const response = new SoftAuthenticator().register(expiring.options);
    const input = { challengeId: expiring.challengeId, response, name: 'X' };
    expect(await addPasskey(db.database, user, input)).toMatchObject({ reason: 'verification_failed' });
  });

  it('registers an authenticator once, requires user verification, and excludes known credentials', async () => {
    const { authenticator } = await setUpPasskey(db.database, user);
    const { options } = await startRegistration();
    expect(options.authenticatorSelection).toMatchObject({ userVerification: 'required' });
    expect(options.excludeCredentials).toMatchObject([{ id: authenticator.credentialId }]);
    expect(await register({}, authenticator)).toEqual({ ok: false, reason: 'already_registered' });
  });

  it('stores at most 20 of 30 concurrent passkeys', async () => {
    const results = await Promise.all(Array.from({ length: 30 }, () => register({})));
    expect(results.filter((result) => result.ok)).toHaveLength(20);
    // Only one of the concurrent requests returns recovery codes.
    expect(results.filter((result) => result.ok && result.recoveryCodes)).toHaveLength(1);
    expect(await listPasskeys()).toHaveLength(20);
  });

  it('requires recent authentication, and ends the user’s other sessions', async () => {
    const stale = { ...user, hasRecentAuth: false };
    expect(await beginPasskeyRegistration(db.database, stale)).toEqual({
      ok: false,
      reason: 'reauthentication_required',
    });
    const { options, challengeId } = await startRegistration();
    const input = { challengeId, response: new SoftAuthenticator().register(options), name: 'X' };
    expect(await addPasskey(db.database, stale, input)).toEqual({
      ok: false,
      reason: 'reauthentication_required',
    });
    await query(
      "insert into sessions (id, user_id) values ('018f2f6e-7a70-7000-8000-00000000000a', $1)",
      user.userId,
    );
    await setUpPasskey(db.database, user);
    const openSessions = await query(
      'select id from sessions where user_id = $1 and ended_at is null',
      user.userId,
    );
    expect(openSessions).toEqual([{ id: user.sessionId }]);
  });
});

describe('renamePasskey and removePasskey', () => {
  it('change only the user’s own passkeys', async () => {
    await setUpPasskey(db.database, user);
    const [passkey] = await listPasskeys();
    const id = passkey?.id ?? '';
    const other = await createTestUser(db.database);
    await setUpPasskey(db.database, other);
    expect(await renamePasskey(db.database, other, { id, name: 'Mine' })).toMatchObject({ ok: false });
    expect(await removePasskey(db.database, other, { id })).toEqual({ ok: false, reason: 'not_found' });
    expect(await renamePasskey(db.database, user, { id, name: 'Phone' })).toEqual({ ok: true });
    expect(await listPasskeys()).toMatchObject([{ name: 'Phone' }]);
    const stale = { ...user, hasRecentAuth: false };
    expect(await removePasskey(db.database, stale, { id })).toMatchObject({
      reason: 'reauthentication_required',
    });
    expect(await removePasskey(db.database, user, { id })).toEqual({ ok: true });
    expect(await listFactors(db.database, user.userId)).toMatchObject({
      passkeys: [],
      recoveryCodesLeft: 0,
    });
  });
});
