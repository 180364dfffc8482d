import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { askForPasskey } from '#lib/identity/mfa/check-passkey.ts';
import type { SecondStep } from '#lib/identity/mfa/schema.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { wrongCode } from '#lib/testing/accounts.ts';
import { ADDRESS, codeNow, PASSWORD, testPerson, withPasskey, withTotp } from '#lib/testing/people.ts';
import { completeSecondStep } from './second-step.ts';
import { signIn } from './sign-in.ts';

let test: TestDatabase;
let person: CurrentUser;
let recoveryCodes: string[];

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

beforeEach(async () => {
  person = await testPerson(test.database);
  recoveryCodes = (await withTotp(test.database, person)) ?? [];
});

async function begin(): Promise<string> {
  const first = await signIn(test.database, { email: person.email, password: PASSWORD, address: ADDRESS });
  if (first.ok || first.reason !== 'second_factor') throw new Error(JSON.stringify(first));
  return first.pendingId;
}
const step = (pendingId: string, answer: SecondStep) =>
  completeSecondStep(test.database, { pendingId, step: answer, address: ADDRESS });
const totp = async (steps = 0): Promise<SecondStep> => ({
  kind: 'totp',
  code: await codeNow(test.database, person.userId, steps),
});
const wrong = async (): Promise<SecondStep> => ({
  kind: 'totp',
  // Far from each of the three codes that are good.
  code: wrongCode(await codeNow(test.database, person.userId, 1_000)),
});
const query = async (text: string, ...values: unknown[]) => (await test.pool.query(text, values)).rows;
const sessions = () =>
  query('select method, user_agent from sessions where user_id = $1 order by id', person.userId);
const acts = async () =>
  (await query('select act from audit_events where user_id = $1 order by position', person.userId)).map(
    (row) => row.act,
  );

describe('completeSecondStep', () => {
  it('opens no session for the password alone, and one with the code', async () => {
    const pendingId = await begin();
    expect(await sessions()).toHaveLength(1);
    expect(await step(pendingId, await totp())).toMatchObject({ ok: true });
    expect((await sessions()).at(-1)).toMatchObject({ method: 'password_totp' });
    expect((await acts()).slice(-2)).toEqual(['sign_in.second_factor_asked', 'sign_in.succeeded']);
  });

  it('tells what the person has', async () => {
    await withPasskey(test.database, person);
    const first = await signIn(test.database, { email: person.email, password: PASSWORD, address: ADDRESS });
    expect(first).toMatchObject({ reason: 'second_factor', factors: ['passkey', 'totp', 'recovery'] });
  });

  it('takes a code of one step away, and none of two', async () => {
    expect(await step(await begin(), await totp(-2))).toMatchObject({ reason: 'wrong_factor' });
    expect(await step(await begin(), await totp(-1))).toMatchObject({ ok: true });
    expect(await step(await begin(), await totp(1))).toMatchObject({ ok: true });
  });

  it('takes each code once, and none that is older than the last', async () => {
    expect(await step(await begin(), await totp())).toMatchObject({ ok: true });
    const pendingId = await begin();
    expect(await step(pendingId, await totp())).toMatchObject({ reason: 'wrong_factor', triesLeft: 4 });
    expect(await step(pendingId, await totp(-1))).toMatchObject({ reason: 'wrong_factor', triesLeft: 3 });
  });

  it('lets one of twenty in who send the same code at once, each with the password', async () => {
    const pendings: string[] = [];
    for (let run = 0; run < 20; run += 1) pendings.push(await begin());
    const code = await totp();
    const results = await Promise.all(pendings.map((pendingId) => step(pendingId, code)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await sessions()).toHaveLength(2);
  });

  it('uses a sign-in once, whatever comes at once', async () => {
    const pendingId = await begin();
    const answers: SecondStep[] = recoveryCodes.map((code) => ({ kind: 'recovery', code }));
    const results = await Promise.all([...answers, await totp()].map((answer) => step(pendingId, answer)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    // Whoever came too late has used up nothing.
    const [used] = await query(
      'select count(used_at)::int as codes from recovery_codes where user_id = $1',
      person.userId,
    );
    expect(used.codes).toBeLessThanOrEqual(1);
    expect(await step(pendingId, await totp(1))).toEqual({ ok: false, reason: 'over' });
  });

  it('compares five of fifty wrong codes sent at once, and then not even the right one', async () => {
    const pendingId = await begin();
    const guess = await wrong();
    await Promise.all(Array.from({ length: 50 }, () => step(pendingId, guess)));
    const failed = await query(
      "select user_id from audit_events where act = 'sign_in.failed' and target_user_id = $1",
      person.userId,
    );
    expect(failed).toEqual(Array(5).fill({ user_id: null }));
    await query('delete from throttles');
    expect(await step(pendingId, await totp())).toEqual({ ok: false, reason: 'over' });
  });

  it('takes no try for what is no code', async () => {
    const pendingId = await begin();
    for (let run = 0; run < 10; run += 1) {
      expect(await step(pendingId, { kind: 'totp', code: '12 34' })).toEqual({
        ok: false,
        reason: 'malformed',
      });
    }
    expect(await step(pendingId, { kind: 'recovery', code: 'ABCD' })).toMatchObject({ reason: 'malformed' });
    expect(await step(pendingId, await totp())).toMatchObject({ ok: true });
  });

  it('throttles wrong codes over many sign-ins, but no passkey', async () => {
    const { authenticator } = await withPasskey(test.database, person);
    const guess = await wrong();
    for (let run = 0; run < 5; run += 1) {
      const pendingId = await begin();
      await step(pendingId, guess);
      await step(pendingId, guess);
    }
    const throttled = { reason: 'throttled', retryAfterSeconds: expect.closeTo(900, -2) };
    expect(await step(await begin(), await totp())).toMatchObject(throttled);
    const asked = await askForPasskey(test.database, { purpose: 'sign_in', userId: person.userId });
    const response = authenticator.sign(asked.options);
    const { challengeId } = asked;
    expect(await step(await begin(), { kind: 'passkey', challengeId, response })).toMatchObject({ ok: true });
    expect((await sessions()).at(-1)).toMatchObject({ method: 'password_passkey' });
  });

  it.each([
    [
      'ten minutes later',
      "update pending_sign_ins set expires_at = expires_at - interval '10 minutes' where user_id = $1",
    ],
    [
      'with another password set',
      "update users set password_changed_at = now() + interval '1 second' where id = $1",
    ],
  ])('is over %s', async (_, change) => {
    const pendingId = await begin();
    await query(change, person.userId);
    expect(await step(pendingId, await totp())).toEqual({ ok: false, reason: 'over' });
    expect(await sessions()).toHaveLength(1);
    const [row] = await query('select totp_last_step from users where id = $1', person.userId);
    expect(row.totp_last_step).toBeNull();
  });

  it('gives nothing to someone made inactive meanwhile', async () => {
    const pendingId = await begin();
    await query('update users set active = false where id = $1', person.userId);
    expect(await step(pendingId, await totp())).toMatchObject({ ok: false });
    expect(await sessions()).toHaveLength(1);
  });

  it("takes nobody else's code, whoever's password was right", async () => {
    const mine = person;
    const other = await testPerson(test.database);
    const codes = await withTotp(test.database, other);
    person = mine;
    const pendingId = await begin();
    const code = await codeNow(test.database, other.userId);
    expect(await step(pendingId, { kind: 'totp', code })).toMatchObject({ ok: false });
    expect(await step(pendingId, { kind: 'recovery', code: codes?.[0] ?? '' })).toMatchObject({ ok: false });
  });

  it('opens nothing where it cannot be put on record, and the code stays good', async () => {
    const pendingId = await begin();
    await query(
      `alter table audit_events add constraint full_disk check (act <> 'sign_in.succeeded' or user_id <> '${person.userId}') not valid`,
    );
    await expect(step(pendingId, await totp())).rejects.toThrow();
    await query('alter table audit_events drop constraint full_disk');
    expect(await step(pendingId, await totp())).toMatchObject({ ok: true });
  });
});
