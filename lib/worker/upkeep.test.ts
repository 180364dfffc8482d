import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { startUpkeep } from './upkeep.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const writeOldMinute = () =>
  test.pool.query(
    "insert into api_account_minutes values (gen_random_uuid(), now() - interval '960 hours', 5, 0, 0)",
  );

/** Waits until so many days are there. (A table tells nobody when it changes.) */
async function daysAre(count: number): Promise<void> {
  const query = 'select account_id from api_account_days';
  while ((await test.pool.query(query)).rowCount !== count) await delay(10);
}

it('rolls up at once, and again after a while', async () => {
  await writeOldMinute();
  const upkeep = startUpkeep(test.database, 20);
  await daysAre(1);
  await writeOldMinute();
  await daysAre(2);
  await upkeep.stop();
});

it('goes on after a failure, and says that there was one', async () => {
  const said = vi.mocked(process.stderr.write);
  await test.pool.query('truncate api_account_days');
  await test.pool.query('alter table api_account_minutes rename to elsewhere');
  const upkeep = startUpkeep(test.database, 20);
  await vi.waitFor(() => expect(String(said.mock.calls)).toContain('worker.roll_up_failed'));
  await test.pool.query('alter table elsewhere rename to api_account_minutes');
  await writeOldMinute();
  await daysAre(1);
  await upkeep.stop();
});
