import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { letTimePass, presentReveal, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { waitForCalm } from '#lib/testing/clock.ts';
import { atScale } from '#lib/testing/scale.ts';
import { deleteTexts, letSmsDaysPass, setSmsPolicy } from '#lib/testing/sms.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
  await waitForCalm(test.pool, 'day', 30_000);
});
afterAll(() => test.drop());

const account = () => testAccount(test.database, administrator);
const reset = (id: string) => resetApiKey(test.database, administrator, { id });

/** What may happen to the installation, in any order. */
const acts = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant('create' as const) }),
    fc.record({
      act: fc.constant('reset' as const),
      which: fc.nat(5),
      times: fc.integer({ min: 1, max: 6 }),
    }),
    fc.record({ act: fc.constant('new code' as const), which: fc.nat(5) }),
    fc.record({ act: fc.constant('next day' as const) }),
  ),
  { minLength: 1, maxLength: 25 },
);

it('never queues more than the ceilings on any day, whatever the order of acts', async () => {
  const run = async (
    perDay: number,
    perAccountPerDay: number,
    steps: typeof acts extends fc.Arbitrary<infer T> ? T : never,
  ) => {
    await deleteTexts(test.database);
    await setSmsPolicy(test.database, { perDay, perAccountPerDay });
    const ids: string[] = [];
    // What the messages say themselves, and not the counts.
    const judge = async () => {
      const { rows } = await test.pool.query<{ day: string; account_id: string; texts: number }>(
        `select (m.created_at at time zone 'UTC')::date::text as day, r.account_id, count(*)::int as texts
         from messages m join reveals r on r.id = m.reveal_id where m.channel = 'sms' and m.state <> 'refused'
         group by 1, 2`,
      );
      const days = Map.groupBy(rows, ({ day }) => day);
      for (const texts of [...days.values()].map((each) => each.map((row) => row.texts))) {
        expect(texts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(perDay);
        for (const count of texts) expect(count).toBeLessThanOrEqual(perAccountPerDay);
      }
    };
    for (const step of steps) {
      const id = 'which' in step ? ids[step.which % Math.max(ids.length, 1)] : undefined;
      if (step.act === 'create') ids.push((await account()).id);
      else if (step.act === 'next day') await letSmsDaysPass(test.database, 1);
      else if (step.act === 'reset' && id) {
        await Promise.all(Array.from({ length: step.times }, () => reset(id)));
      } else if (step.act === 'new code' && id) {
        await letTimePass(test.database, id, '31 seconds');
        const { token } = await presentReveal(test.database, id);
        await Promise.all([requestNewCode(test.database, token), requestNewCode(test.database, token)]);
      }
      await judge();
    }
  };
  const ceiling = fc.integer({ min: 0, max: 12 });
  await fc.assert(fc.asyncProperty(ceiling, fc.integer({ min: 0, max: 6 }), acts, run), {
    numRuns: atScale({ normal: 8, soak: 100 }),
  });
}, 600_000);
