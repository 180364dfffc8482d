import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { CurrentUser, Refusal } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { recordRefusal } from './record-refusal.ts';

let db: TestDatabase;
let viewer: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  // A new user, because the log has one line per minute for each of them.
  viewer = { ...(await createTestAdministrator(db.database)), role: 'settings_viewer' };
  await db.pool.query('truncate audit_events, rate_limits');
});

const refusal = (reason: Refusal['reason']): Refusal => ({ ok: false, reason, message: '' });
const readAuditEvents = async () =>
  (await db.pool.query('select * from audit_events order by position')).rows;
const readLogLines = () =>
  vi
    .mocked(process.stderr.write)
    .mock.calls.map(([text]) => String(text))
    .filter((text) => text.includes('request.refused'));

it('records the user, IP address and role of a refused request', async () => {
  await recordRefusal(db.database, refusal('wrong_role'), viewer);
  expect(await readAuditEvents()).toMatchObject([
    {
      action: 'request.refused',
      outcome: 'refused',
      user_id: viewer.userId,
      address: viewer.ipAddress,
      details: { role: 'settings_viewer' },
    },
  ]);
  expect(readLogLines()).toHaveLength(1);
});

it('records and logs the name of the requested action', async () => {
  await recordRefusal(db.database, { ...refusal('wrong_role'), requested: 'resetKey' }, viewer);
  expect(await readAuditEvents()).toMatchObject([
    { details: { role: 'settings_viewer', requested: 'resetKey' } },
  ]);
  expect(readLogLines()).toEqual([expect.stringContaining('resetKey')]);
});

it('only logs a request without a session or from another site', async () => {
  await recordRefusal(db.database, refusal('signed_out'), null);
  await recordRefusal(db.database, refusal('foreign_request'), null);
  expect(await readAuditEvents()).toEqual([]);
  expect(readLogLines()).toHaveLength(2);
});

it('records at most 20 of 60 concurrent refusals per user', async () => {
  const other = { ...viewer, userId: (await createTestAdministrator(db.database)).userId };
  await Promise.all(
    Array.from({ length: 60 }, () => recordRefusal(db.database, refusal('wrong_role'), viewer)),
  );
  await recordRefusal(db.database, refusal('wrong_role'), other);
  const rows = await readAuditEvents();
  expect(rows.filter(({ user_id }) => user_id === viewer.userId)).toHaveLength(20);
  expect(rows.filter(({ user_id }) => user_id === other.userId)).toHaveLength(1);
  // The log has one line per user. The next minute's line has the number of the others.
  expect(readLogLines()).toHaveLength(2);
});
