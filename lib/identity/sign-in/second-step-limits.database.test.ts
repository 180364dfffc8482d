import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import {
  clearLastTotpStep,
  computeTotpCode,
  createTestUser,
  IP_ADDRESS,
  PASSWORD,
  setUpTotp,
} from '#lib/testing/test-users.ts';
import { completeSecondStep } from './second-step.ts';
import { signIn } from './sign-in.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

it('limits second steps without a correct code to twenty in fifteen minutes, but not completed ones', async () => {
  const { database } = db;
  const user = await createTestUser(database);
  await setUpTotp(database, user);
  const { email, userId } = user;
  const attempt = (ipAddress: string) => signIn(database, { email, password: PASSWORD, ipAddress });
  const countRows = async (text: string) => (await db.pool.query(text, [userId])).rowCount;
  const results = await Promise.all(Array.from({ length: 30 }, (_, index) => attempt(`10.3.0.${index}`)));
  expect(results.filter((result) => !result.ok && result.reason === 'second_factor')).toHaveLength(20);
  const rateLimited = { ok: false, reason: 'rate_limited', retryAfterSeconds: expect.closeTo(900, -2) };
  expect(results).toContainEqual(rateLimited);
  expect(await countRows('select 1 from pending_sign_ins where user_id = $1')).toBe(20);
  const startedSecondSteps =
    "select 1 from audit_events where action = 'sign_in.second_factor_asked' and user_id = $1";
  expect(await countRows(startedSecondSteps)).toBe(20);
  // The user can still sign in from a known IP address (`createTestUser` has signed in from it). They can do so more than
  // twenty times, because each completed step is refunded.
  for (let run = 0; run < 22; run += 1) {
    const first = await attempt(IP_ADDRESS);
    const pendingId = !first.ok && first.reason === 'second_factor' ? first.pendingId : '';
    await clearLastTotpStep(database, userId);
    const step = { kind: 'totp', code: await computeTotpCode(database, userId) } as const;
    expect(await completeSecondStep(database, { pendingId, step, ipAddress: IP_ADDRESS })).toMatchObject({
      ok: true,
    });
  }
});
