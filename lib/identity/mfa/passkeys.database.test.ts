import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { type Forgery, SoftAuthenticator } from '#lib/testing/authenticator.ts';
import { PASSWORD, testPerson, withPasskey } from '#lib/testing/people.ts';
import { addPasskey, startPasskey } from './add-passkey.ts';
import { listFactors } from './list.ts';
import { removePasskey } from './remove-factor.ts';
import { renamePasskey } from './rename-passkey.ts';

let test: TestDatabase;
let person: CurrentUser;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  person = await testPerson(test.database);
});

const query = async (text: string, ...values: unknown[]) => (await test.pool.query(text, values)).rows;
const own = async () => (await listFactors(test.database, person.userId)).passkeys;
const later = (interval: string) =>
  query(`update passkey_challenges set expires_at = expires_at - $1::interval`, interval);

async function start(who = person) {
  const started = await startPasskey(test.database, who);
  if (!started.ok) throw new Error(started.reason);
  return started;
}

async function register(forged: Forgery, authenticator = new SoftAuthenticator()) {
  const { options, challengeId } = await start();
  const response = authenticator.register(options, forged);
  return addPasskey(test.database, person, { challengeId, response, name: 'A phone' });
}

describe('adding a passkey', () => {
  it('keeps it, gives recovery codes with the first, and tells the person', async () => {
    expect(await register({})).toEqual({ ok: true, recoveryCodes: expect.any(Array) });
    expect(await register({})).toEqual({ ok: true, recoveryCodes: null });
    expect(await own()).toMatchObject([{ name: 'A phone' }, { name: 'A phone' }]);
    const notices = await query('select notice from messages where user_id = $1', person.userId);
    expect(notices).toEqual([{ notice: 'passkey_added' }, { notice: 'passkey_added' }]);
    const acts = await query(
      "select act from audit_events where user_id = $1 and act like '%.added' or act like '%.made' and user_id = $1",
      person.userId,
    );
    expect(acts.map((row) => row.act).toSorted()).toEqual([
      'passkey.added',
      'passkey.added',
      'recovery_codes.made',
    ]);
  });

  it('tells on record how many sessions it ended elsewhere', async () => {
    const { email } = person;
    for (let run = 0; run < 2; run += 1) {
      await signIn(test.database, { email, password: PASSWORD, address: person.address });
    }
    await register({});
    await register({});
    const acts = await query(
      "select details from audit_events where user_id = $1 and act = 'passkey.added' order by position",
      person.userId,
    );
    expect(acts).toMatchObject([{ details: { sessionsEnded: 2 } }, { details: { sessionsEnded: 0 } }]);
  });

  it.each<[string, Forgery]>([
    ['on a page of another origin', { origin: 'https://stagedoor.example' }],
    ['for another site', { rpId: 'stagedoor.example' }],
    ['without verifying the person', { verified: false }],
    ['as a signature', { type: 'webauthn.get' }],
  ])('refuses one that was made %s', async (_, forged) => {
    expect(await register(forged)).toEqual({ ok: false, reason: 'refused' });
    expect(await own()).toEqual([]);
  });

  it('takes a challenge once, in time, and from the person it was made for', async () => {
    const { options, challengeId } = await start();
    const add = (who: CurrentUser) => {
      const response = new SoftAuthenticator().register(options);
      return addPasskey(test.database, who, { challengeId, response, name: 'X' });
    };
    expect(await add(await testPerson(test.database))).toMatchObject({ reason: 'refused' });
    const results = await Promise.all(Array.from({ length: 10 }, () => add(person)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    const late = await start();
    await later('5 minutes');
    const response = new SoftAuthenticator().register(late.options);
    const input = { challengeId: late.challengeId, response, name: 'X' };
    expect(await addPasskey(test.database, person, input)).toMatchObject({ reason: 'refused' });
  });

  it('keeps one authenticator once, and tells the browser which are there', async () => {
    const { authenticator } = await withPasskey(test.database, person);
    const { options } = await start();
    expect(options.excludeCredentials).toMatchObject([{ id: authenticator.credentialId }]);
    expect(options.authenticatorSelection).toMatchObject({ userVerification: 'required' });
    expect(await register({}, authenticator)).toEqual({ ok: false, reason: 'known' });
  });

  it('keeps twenty of thirty that come at once', async () => {
    const results = await Promise.all(Array.from({ length: 30 }, () => register({})));
    expect(results.filter((result) => result.ok)).toHaveLength(20);
    // Of two that are first at once, one brings the codes.
    expect(results.filter((result) => result.ok && result.recoveryCodes)).toHaveLength(1);
    expect(await own()).toHaveLength(20);
  });

  it('wants a fresh proof, and ends the sessions elsewhere', async () => {
    const stale = { ...person, hasRecentAuth: false };
    expect(await startPasskey(test.database, stale)).toEqual({
      ok: false,
      reason: 'reauthentication_required',
    });
    const { options, challengeId } = await start();
    const input = { challengeId, response: new SoftAuthenticator().register(options), name: 'X' };
    expect(await addPasskey(test.database, stale, input)).toEqual({
      ok: false,
      reason: 'reauthentication_required',
    });
    await query(
      "insert into sessions (id, user_id) values ('018f2f6e-7a70-7000-8000-00000000000a', $1)",
      person.userId,
    );
    await withPasskey(test.database, person);
    const alive = await query(
      'select id from sessions where user_id = $1 and ended_at is null',
      person.userId,
    );
    expect(alive).toEqual([{ id: person.sessionId }]);
  });
});

describe("a person's passkeys", () => {
  it('are renamed and removed by their owner alone', async () => {
    await withPasskey(test.database, person);
    const [passkey] = await own();
    const id = passkey?.id ?? '';
    const other = await testPerson(test.database);
    await withPasskey(test.database, other);
    expect(await renamePasskey(test.database, other, { id, name: 'Mine' })).toMatchObject({ ok: false });
    expect(await removePasskey(test.database, other, { id })).toEqual({ ok: false, reason: 'missing' });
    expect(await renamePasskey(test.database, person, { id, name: 'Phone' })).toEqual({ ok: true });
    expect(await own()).toMatchObject([{ name: 'Phone' }]);
    const stale = { ...person, hasRecentAuth: false };
    expect(await removePasskey(test.database, stale, { id })).toMatchObject({
      reason: 'reauthentication_required',
    });
    expect(await removePasskey(test.database, person, { id })).toEqual({ ok: true });
    expect(await listFactors(test.database, person.userId)).toMatchObject({
      passkeys: [],
      recoveryCodesLeft: 0,
    });
  });
});
