import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { completeSecondStep } from '#lib/identity/sign-in/second-step.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { computeTotpCode, createTestUser, IP_ADDRESS, PASSWORD, setUpTotp } from '#lib/testing/test-users.ts';
import { renewRecoveryCodes } from './renew-recovery-codes.ts';
import type { SecondStep } from './schema.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

let db: TestDatabase;
let user: CurrentUser;
let recoveryCodes: string[];

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

beforeEach(async () => {
  user = await createTestUser(db.database);
  recoveryCodes = (await setUpTotp(db.database, user)) ?? [];
});

async function completeFirstStep(): Promise<string> {
  const first = await signIn(db.database, { email: user.email, password: PASSWORD, ipAddress: IP_ADDRESS });
  if (first.ok || first.reason !== 'second_factor') throw new Error(JSON.stringify(first));
  return first.pendingId;
}
const submitSecondStep = (pendingId: string, step: SecondStep) =>
  completeSecondStep(db.database, { pendingId, step, ipAddress: IP_ADDRESS });
const query = async (text: string, ...values: unknown[]) => (await db.pool.query(text, values)).rows;
const readSessions = () =>
  query('select method, user_agent from sessions where user_id = $1 order by id', user.userId);
const readAuditActions = async () =>
  (await query('select action from audit_events where user_id = $1 order by position', user.userId)).map(
    (row) => row.action,
  );

describe('recovery codes', () => {
  const submitRecoveryCode = async (code: string) =>
    submitSecondStep(await completeFirstStep(), { kind: 'recovery', code });

  it('are ten, work once each in any case and grouping, and notify the user by email', async () => {
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    const [one = '', two = ''] = recoveryCodes;
    expect(await submitRecoveryCode(one)).toMatchObject({ ok: true });
    expect(await submitRecoveryCode(one)).toMatchObject({ reason: 'wrong_factor' });
    expect(await submitRecoveryCode(two.toLowerCase().replaceAll('-', ' '))).toMatchObject({ ok: true });
    expect((await readSessions()).at(-1)).toMatchObject({ method: 'password_recovery' });
    const notices = await query('select notice from messages where user_id = $1 order by id', user.userId);
    expect(notices.map((row) => row.notice)).toEqual([
      'totp_added',
      'recovery_code_used',
      'recovery_code_used',
    ]);
    expect((await readAuditActions()).filter((action) => action === 'recovery_code.used')).toHaveLength(2);
  });

  it('sign in one of twenty concurrent uses of the same code', async () => {
    const pendingIds: string[] = [];
    for (let run = 0; run < 20; run += 1) pendingIds.push(await completeFirstStep());
    const [code = ''] = recoveryCodes;
    const results = await Promise.all(
      pendingIds.map((id) => submitSecondStep(id, { kind: 'recovery', code })),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
  });

  it('work despite too many wrong authenticator codes, and do not count towards their limit', async () => {
    const wrongCode = await computeTotpCode(db.database, user.userId, 1_000);
    for (let run = 0; run < 2; run += 1) {
      const pendingId = await completeFirstStep();
      for (let attempts = 0; attempts < 5; attempts += 1)
        await submitSecondStep(pendingId, { kind: 'totp', code: wrongCode });
    }
    expect(
      await submitSecondStep(await completeFirstStep(), { kind: 'totp', code: wrongCode }),
    ).toMatchObject({
      reason: 'rate_limited',
    });
    expect(await submitRecoveryCode(recoveryCodes[0] ?? '')).toMatchObject({ ok: true });
    // Makes authenticator codes possible again, so that wrong recovery codes could use up their limit.
    await query("delete from rate_limits where key like 'factor-code%'");
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 61_000);
    for (let run = 0; run < 11; run += 1) {
      expect(await submitRecoveryCode(recoveryCodes[0] ?? '')).toMatchObject({ reason: 'wrong_factor' });
    }
    const code = await computeTotpCode(db.database, user.userId);
    expect(await submitSecondStep(await completeFirstStep(), { kind: 'totp', code })).toMatchObject({
      ok: true,
    });
  });

  it('stop working when they are renewed', async () => {
    const renewed = await renewRecoveryCodes(db.database, user);
    if (!renewed.ok) throw new Error(renewed.reason);
    expect(await submitRecoveryCode(recoveryCodes[0] ?? '')).toMatchObject({ ok: false });
    expect(await submitRecoveryCode(renewed.recoveryCodes[0] ?? '')).toMatchObject({ ok: true });
  });

  it('are not stored in plain text in any table that could contain them', async () => {
    await submitRecoveryCode(recoveryCodes[0] ?? '');
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
