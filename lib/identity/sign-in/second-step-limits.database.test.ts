import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import {
  ADDRESS,
  clearLastTotpStep,
  currentTotpCode,
  PASSWORD,
  setUpTotp,
  testUser,
} from '#lib/testing/test-users.ts';
import { completeSecondStep } from './second-step.ts';
import { signIn } from './sign-in.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

it('limits second steps without a right code to twenty in fifteen minutes, but not completed ones', async () => {
  const { database } = db;
  const user = await testUser(database);
  await setUpTotp(database, user);
  const { email, userId } = user;
  const attempt = (address: string) => signIn(database, { email, password: PASSWORD, address });
  const countRows = async (text: string) => (await db.pool.query(text, [userId])).rowCount;
  const results = await Promise.all(Array.from({ length: 30 }, (_, index) => attempt(`10.3.0.${index}`)));
  expect(results.filter((result) => !result.ok && result.reason === 'second_factor')).toHaveLength(20);
  const throttled = { ok: false, reason: 'throttled', retryAfterSeconds: expect.closeTo(900, -2) };
  expect(results).toContainEqual(throttled);
  expect(await countRows('select 1 from pending_sign_ins where user_id = $1')).toBe(20);
  const startedSecondSteps =
    "select 1 from audit_events where action = 'sign_in.second_factor_asked' and user_id = $1";
  expect(await countRows(startedSecondSteps)).toBe(20);
  // At a known address the user can still sign in.
  for (let run = 0; run < 22; run += 1) {
    const first = await attempt(ADDRESS);
    const pendingId = !first.ok && first.reason === 'second_factor' ? first.pendingId : '';
    await clearLastTotpStep(database, userId);
    const step = { kind: 'totp', code: await currentTotpCode(database, userId) } as const;
    expect(await completeSecondStep(database, { pendingId, step, address: ADDRESS })).toMatchObject({
      ok: true,
    });
  }
});
