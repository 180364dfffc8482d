import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { atScale } from '#lib/testing/scale.ts';
import { deleteSmsData, letSmsDaysPass, setSmsPolicy } from '#lib/testing/sms.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await avoidTimeBoundary(db.pool, 'day', 30_000);
});
afterAll(() => db.drop());

const createAccount = () => createTestAccount(db.database, administrator);
const resetKey = (id: string) => resetApiKey(db.database, administrator, { id });

/** Generates sequences of actions that send SMS, and of days that pass. */
const actionSequences = fc.array(
  fc.oneof(
    fc.record({ action: fc.constant('create' as const) }),
    fc.record({
      action: fc.constant('reset' as const),
      account: fc.nat(5),
      times: fc.integer({ min: 1, max: 6 }),
    }),
    fc.record({ action: fc.constant('new code' as const), account: fc.nat(5) }),
    fc.record({ action: fc.constant('next day' as const) }),
  ),
  { minLength: 1, maxLength: 25 },
);

describe('daily SMS limits', () => {
  it('are never exceeded on any day, in any order of actions', async () => {
    const runActions = async (
      perDay: number,
      perAccountPerDay: number,
      actions: typeof actionSequences extends fc.Arbitrary<infer T> ? T : never,
    ) => {
      await deleteSmsData(db.database);
      await setSmsPolicy(db.database, { perDay, perAccountPerDay });
      const ids: string[] = [];
      // Counts the messages themselves, independently of `sms_counts`.
      const checkLimits = async () => {
        const { rows } = await db.pool.query<{ day: string; account_id: string; sms_count: number }>(
          `select (m.created_at at time zone 'UTC')::date::text as day, r.account_id, count(*)::int as sms_count
         from messages m join reveals r on r.id = m.reveal_id where m.channel = 'sms' and m.state <> 'refused'
         group by 1, 2`,
        );
        const days = Map.groupBy(rows, ({ day }) => day);
        for (const counts of [...days.values()].map((rowsOfDay) => rowsOfDay.map((row) => row.sms_count))) {
          expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(perDay);
          for (const count of counts) expect(count).toBeLessThanOrEqual(perAccountPerDay);
        }
      };
      for (const step of actions) {
        const id = 'account' in step ? ids[step.account % Math.max(ids.length, 1)] : undefined;
        if (step.action === 'create') ids.push((await createAccount()).id);
        else if (step.action === 'next day') await letSmsDaysPass(db.database, 1);
        else if (step.action === 'reset' && id) {
          await Promise.all(Array.from({ length: step.times }, () => resetKey(id)));
        } else if (step.action === 'new code' && id) {
          await letTimePass(db.database, id, '31 seconds');
          const { token } = await readCurrentReveal(db.database, id);
          await Promise.all([requestNewCode(db.database, token), requestNewCode(db.database, token)]);
        }
        await checkLimits();
      }
    };
    const dailyLimit = fc.integer({ min: 0, max: 12 });
    await fc.assert(
      fc.asyncProperty(dailyLimit, fc.integer({ min: 0, max: 6 }), actionSequences, runActions),
      {
        numRuns: atScale({ normal: 8, soak: 100 }),
      },
    );
  });
});
