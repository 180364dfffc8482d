import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { CurrentUser, Refusal } from '#lib/platform/authorization/roles.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { recordRefusal } from './record-refusal.ts';

let test: TestDatabase;
let viewer: CurrentUser;
let minutes = 0;
const started = performance.now();
beforeAll(async () => {
  test = await createTestDatabase();
  viewer = { ...(await testAdministrator(test.database)), role: 'settings_viewer' };
});
afterAll(() => test.drop());
beforeEach(async () => {
  // Begins a new minute of the log, which files before this one may have filled.
  minutes += 1;
  vi.spyOn(performance, 'now').mockReturnValue(started + minutes * 61_000);
  await test.pool.query('truncate audit_events, throttles');
});

const refusal = (reason: Refusal['reason']): Refusal => ({ ok: false, reason, message: '' });
const recorded = async () => (await test.pool.query('select * from audit_events order by position')).rows;
const lines = () =>
  vi
    .mocked(process.stderr.write)
    .mock.calls.map(([text]) => String(text))
    .filter((text) => text.includes('request.refused'));

it('puts somebody without the role on record, with address and role', async () => {
  await recordRefusal(test.database, refusal('wrong_role'), viewer);
  expect(await recorded()).toMatchObject([
    {
      act: 'request.refused',
      outcome: 'refused',
      user_id: viewer.userId,
      address: viewer.address,
      details: { role: 'settings_viewer' },
    },
  ]);
  expect(lines()).toHaveLength(1);
});

it('tells what was asked for, on record and in the log', async () => {
  await recordRefusal(test.database, { ...refusal('wrong_role'), requested: 'resetKey' }, viewer);
  expect(await recorded()).toMatchObject([{ details: { role: 'settings_viewer', requested: 'resetKey' } }]);
  expect(lines()).toEqual([expect.stringContaining('resetKey')]);
});

it('only logs where nobody is known, or the request came from elsewhere', async () => {
  await recordRefusal(test.database, refusal('signed_out'), null);
  await recordRefusal(test.database, refusal('foreign_request'), null);
  expect(await recorded()).toEqual([]);
  expect(lines()).toHaveLength(2);
});

it('lets nobody fill the table or the log: 20 an hour for each person, sent at once or not', async () => {
  const other = { ...viewer, userId: (await testAdministrator(test.database)).userId };
  await Promise.all(
    Array.from({ length: 60 }, () => recordRefusal(test.database, refusal('wrong_role'), viewer)),
  );
  await recordRefusal(test.database, refusal('wrong_role'), other);
  const rows = await recorded();
  expect(rows.filter(({ user_id }) => user_id === viewer.userId)).toHaveLength(20);
  expect(rows.filter(({ user_id }) => user_id === other.userId)).toHaveLength(1);
  expect(lines().length).toBeLessThanOrEqual(60);
});
