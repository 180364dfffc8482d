import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { completeSecondStep } from '#lib/identity/sign-in/second-step.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { wrongCode } from '#lib/testing/accounts.ts';
import { ADDRESS, codeNow, forgetLastStep, PASSWORD, testPerson, withTotp } from '#lib/testing/people.ts';
import { renewRecoveryCodes } from './renew-recovery-codes.ts';
import type { SecondStep } from './schema.ts';

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
const query = async (text: string, ...values: unknown[]) => (await test.pool.query(text, values)).rows;
const sessions = () =>
  query('select method, user_agent from sessions where user_id = $1 order by id', person.userId);
const acts = async () =>
  (await query('select act from audit_events where user_id = $1 order by position', person.userId)).map(
    (row) => row.act,
  );

describe('recovery codes', () => {
  const recover = async (code: string) => step(await begin(), { kind: 'recovery', code });

  it('are ten, each good once, in any case and grouping, and each is told by email', async () => {
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    const [one = '', two = ''] = recoveryCodes;
    expect(await recover(one)).toMatchObject({ ok: true });
    expect(await recover(one)).toMatchObject({ reason: 'wrong_factor' });
    expect(await recover(two.toLowerCase().replaceAll('-', ' '))).toMatchObject({ ok: true });
    expect((await sessions()).at(-1)).toMatchObject({ method: 'password_recovery' });
    const notices = await query('select notice from messages where user_id = $1 order by id', person.userId);
    expect(notices.map((row) => row.notice)).toEqual([
      'totp_added',
      'recovery_code_used',
      'recovery_code_used',
    ]);
    expect((await acts()).filter((act) => act === 'recovery_code.used')).toHaveLength(2);
  });

  it('let one of twenty in who use the same one at once', async () => {
    const pendings: string[] = [];
    for (let run = 0; run < 20; run += 1) pendings.push(await begin());
    const [code = ''] = recoveryCodes;
    const results = await Promise.all(pendings.map((id) => step(id, { kind: 'recovery', code })));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
  });

  it('are good whatever number of wrong codes was given, and take no try of the app', async () => {
    const guess = wrongCode(await codeNow(test.database, person.userId, 1_000));
    for (let run = 0; run < 2; run += 1) {
      const pendingId = await begin();
      for (let tries = 0; tries < 5; tries += 1) await step(pendingId, { kind: 'totp', code: guess });
    }
    expect(await step(await begin(), { kind: 'totp', code: guess })).toMatchObject({ reason: 'throttled' });
    expect(await recover(recoveryCodes[0] ?? '')).toMatchObject({ ok: true });
    await query("delete from throttles where key like 'factor-code%'");
    for (let run = 0; run < 11; run += 1) {
      expect(await recover(recoveryCodes[0] ?? '')).toMatchObject({ reason: 'wrong_factor' });
    }
    const code = await codeNow(test.database, person.userId);
    expect(await step(await begin(), { kind: 'totp', code })).toMatchObject({ ok: true });
  });

  it('made anew, kill those from before', async () => {
    const renewed = await renewRecoveryCodes(test.database, person);
    if (!renewed.ok) throw new Error(renewed.reason);
    expect(await recover(recoveryCodes[0] ?? '')).toMatchObject({ ok: false });
    expect(await recover(renewed.recoveryCodes[0] ?? '')).toMatchObject({ ok: true });
  });

  it('are in no table as they are', async () => {
    await recover(recoveryCodes[0] ?? '');
    await forgetLastStep(test.database, person.userId);
    const everything = await query(
      `select r::text as row from recovery_codes r union all select a::text from audit_events a
       union all select m::text from messages m union all select j.data::text from pgboss.job j
       union all select u::text from users u`,
    );
    const text = JSON.stringify(everything).toUpperCase();
    for (const code of recoveryCodes) {
      expect(text).not.toContain(code);
      expect(text).not.toContain(code.replaceAll('-', ''));
    }
  });
});
