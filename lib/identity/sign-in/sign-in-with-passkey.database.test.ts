import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { askForPasskey } from '#lib/identity/mfa/check-passkey.ts';
import { listFactors } from '#lib/identity/mfa/list.ts';
import { removePasskey } from '#lib/identity/mfa/remove-factor.ts';
import { touchSession } from '#lib/identity/sessions/touch-session.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { type Forgery, SoftAuthenticator } from '#lib/testing/authenticator.ts';
import { ADDRESS, testPerson, withPasskey } from '#lib/testing/people.ts';
import { signInWithPasskey } from './sign-in-with-passkey.ts';

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

const enter = (signed: { challengeId: string; response: ReturnType<SoftAuthenticator['sign']> }) =>
  signInWithPasskey(test.database, { signed, address: ADDRESS });
const ask = (userId: string | null = null) => askForPasskey(test.database, { purpose: 'sign_in', userId });

describe('signing in with a passkey alone', () => {
  it('knows whose it is', async () => {
    const { authenticator } = await withPasskey(test.database, person);
    const { options, challengeId } = await ask();
    expect(options.allowCredentials ?? []).toEqual([]);
    const result = await enter({ challengeId, response: authenticator.sign(options) });
    const sessionId = result.ok ? result.sessionId : '';
    expect(await touchSession(test.database, sessionId, ADDRESS)).toMatchObject({ userId: person.userId });
    const rows = await query('select method from sessions where id = $1', sessionId);
    expect(rows).toEqual([{ method: 'passkey' }]);
    expect((await own())[0]?.lastUsedAt).not.toBeNull();
  });

  it.each<[string, Forgery]>([
    ['on a page of another origin', { origin: 'https://stagedoor.example' }],
    ['for another site', { rpId: 'stagedoor.example' }],
    ['without verifying the person', { verified: false }],
    ['as a new passkey', { type: 'webauthn.create' }],
  ])('refuses what was signed %s', async (_, forged) => {
    const { authenticator } = await withPasskey(test.database, person);
    const { options, challengeId } = await ask();
    const response = authenticator.sign(options, forged);
    expect(await enter({ challengeId, response })).toEqual({ ok: false, reason: 'wrong_passkey' });
  });

  it('takes a signature once, of twenty at once too, and none of five minutes ago', async () => {
    const { authenticator } = await withPasskey(test.database, person);
    // As most passkeys: no counter, so that the challenge alone makes a signature good once.
    authenticator.counter = -1;
    const { options, challengeId } = await ask();
    const response = authenticator.sign(options);
    const results = await Promise.all(Array.from({ length: 20 }, () => enter({ challengeId, response })));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    authenticator.counter = -1;
    const late = await ask();
    await later('5 minutes');
    const signed = { challengeId: late.challengeId, response: authenticator.sign(late.options) };
    expect(await enter(signed)).toMatchObject({ ok: false });
  });

  it('refuses a challenge that was made for something else', async () => {
    const { authenticator } = await withPasskey(test.database, person);
    for (const asked of [
      await askForPasskey(test.database, { purpose: 'prove', userId: person.userId }),
      await ask(person.userId),
    ]) {
      const response = authenticator.sign(asked.options);
      expect(await enter({ challengeId: asked.challengeId, response })).toMatchObject({ ok: false });
    }
  });

  it('refuses a copy, whose counter is behind', async () => {
    const { authenticator } = await withPasskey(test.database, person);
    authenticator.counter = 7;
    const first = await ask();
    const response = authenticator.sign(first.options);
    expect(await enter({ challengeId: first.challengeId, response })).toMatchObject({ ok: true });
    authenticator.counter = 3;
    const second = await ask();
    const again = authenticator.sign(second.options);
    expect(await enter({ challengeId: second.challengeId, response: again })).toMatchObject({ ok: false });
  });

  it('refuses an inactive person, a removed passkey and one that nobody has', async () => {
    const { authenticator } = await withPasskey(test.database, person);
    const attempt = async (by: SoftAuthenticator) => {
      const { options, challengeId } = await ask();
      return enter({ challengeId, response: by.sign(options) });
    };
    await query('update users set active = false where id = $1', person.userId);
    expect(await attempt(authenticator)).toMatchObject({ ok: false });
    const failed = await query(
      "select user_id from audit_events where act = 'sign_in.failed' and target_user_id = $1",
      person.userId,
    );
    expect(failed).toEqual([{ user_id: null }]);
    await query('update users set active = true where id = $1', person.userId);
    expect(await attempt(authenticator)).toMatchObject({ ok: true });
    const [passkey] = await own();
    expect(await removePasskey(test.database, person, { id: passkey?.id ?? '' })).toEqual({ ok: true });
    expect(await attempt(authenticator)).toMatchObject({ ok: false });
    expect(await attempt(new SoftAuthenticator())).toMatchObject({ ok: false });
  });

  it('puts a failure on record where a challenge was spent, not where its id was made up', async () => {
    const failures = async () =>
      (await query("select 1 from audit_events where act = 'sign_in.failed'")).length;
    const before = await failures();
    const { options, challengeId } = await ask();
    const response = new SoftAuthenticator().sign(options);
    for (let run = 0; run < 5; run += 1) {
      const result = await enter({ challengeId: uuidv7(), response });
      expect(result).toEqual({ ok: false, reason: 'wrong_passkey' });
    }
    expect(await failures()).toBe(before);
    for (let run = 0; run < 5; run += 1) await enter({ challengeId, response });
    expect(await failures()).toBe(before + 1);
  });

  it('takes a hundred tries of one address in ten minutes, of its whole IPv6 network', async () => {
    const { authenticator } = await withPasskey(test.database, person);
    const made = await ask();
    const junk = authenticator.sign(made.options);
    const from = (address: string, signed = { challengeId: uuidv7(), response: junk }) =>
      signInWithPasskey(test.database, { signed, address });
    await Promise.all(Array.from({ length: 100 }, (_, index) => from(`2001:db8:7:1::${index.toString(16)}`)));
    const { options, challengeId } = await ask();
    const signed = { challengeId, response: authenticator.sign(options) };
    const throttled = { ok: false, reason: 'throttled', retryAfterSeconds: expect.closeTo(600, -2) };
    expect(await from('2001:db8:7:1:ffff::', signed)).toEqual(throttled);
    expect(await from('2001:db8:7:2::1', signed)).toMatchObject({ ok: true });
  });
});
