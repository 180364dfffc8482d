import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '#db/client.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { editUser, invitedUser, userOf } from '#lib/testing/users.ts';
import { createAtConsole } from './create-at-console.ts';
import { createFirstAdministrator } from './first-administrator.ts';
import { inviteUser } from './invite.ts';
import { inviteUserAgain } from './invite-again.ts';
import { lockUsers } from './last-administrator.ts';
import { signUserOut } from './sign-out.ts';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(() => db.drop());

const some = (count: number) =>
  Promise.all(Array.from({ length: count }, () => testAdministrator(db.database)));

/** How many can sign in and have the role, in words of SQL of their own. */
async function left(): Promise<number> {
  const { rows } = await db.pool.query(`select count(*)::int as count from users
    where role = 'settings_administrator' and active and password_hash is not null`);
  return rows[0].count;
}

const at = (people: Administrator[], index: number) => people[index % people.length] as Administrator;

test.each([2, 20])('of %i who take the role of the next one at once, one is left', async (count) => {
  const people = await some(count);
  // What each editor saw: the race is between the writes.
  const seen = await Promise.all(people.map(({ userId }) => userOf(db, userId)));
  const results = await Promise.all(
    people.map((by, index) =>
      editUser(db, by, seen[(index + 1) % count] as (typeof seen)[number], { role: 'settings_viewer' }),
    ),
  );
  const done = results.filter(({ ok }) => ok).length;
  expect(done).toBeGreaterThanOrEqual(1);
  expect(await left()).toBe(count - done);
  expect(await left()).toBeGreaterThanOrEqual(1);
  for (const result of results) if (!result.ok) expect(result.reason).toBe('signed_out');
});

test('whose role was taken away, or who may not sign in, gets nothing done any more', async () => {
  const [by, former, gone] = (await some(3)) as [Administrator, Administrator, Administrator];
  // By nobody's act: that would end their sessions too.
  await db.pool.query("update users set role = 'settings_viewer' where id = $1", [former.userId]);
  await editUser(db, by, gone.userId, { active: false });
  const id = by.userId;
  const input = { email: 'x@example.com', role: null };
  for (const [who, reason] of [
    [former, 'wrong_role'],
    [gone, 'signed_out'],
  ] as const) {
    expect(await editUser(db, who, id, { role: null })).toMatchObject({ ok: false, reason });
    expect(await inviteUser(db.database, who, input)).toMatchObject({ ok: false, reason });
    expect(await inviteUserAgain(db.database, who, { id })).toMatchObject({ ok: false, reason });
    expect(await signUserOut(db.database, who, { id })).toMatchObject({ ok: false, reason });
  }
});

test('whose session was ended while they waited gets nothing done any more', async () => {
  const [by, other] = (await some(2)) as [Administrator, Administrator];
  expect(await signUserOut(db.database, by, { id: other.userId })).toMatchObject({ ok: true, ended: 1 });
  const id = by.userId;
  const refused = { ok: false, reason: 'signed_out' };
  expect(await editUser(db, other, id, { role: null })).toMatchObject(refused);
  expect(await inviteUser(db.database, other, { email: 'x@example.com', role: null })).toMatchObject(refused);
  expect(await inviteUserAgain(db.database, other, { id })).toMatchObject(refused);
  expect(await signUserOut(db.database, other, { id })).toMatchObject(refused);
  // Neither does somebody with another person's session.
  const { sessionId } = by;
  expect(await signUserOut(db.database, { ...other, sessionId }, { id })).toMatchObject(refused);
});

test('who was merely invited does not count', async () => {
  const [by, other] = (await some(2)) as [Administrator, Administrator];
  const invited = await invitedUser(db, by, 'invited@example.com');
  // Somebody who has lost their own password, and so does not count either, and has a session yet.
  await db.pool.query('update users set password_hash = null where id = $1', [by.userId]);
  const last = { ok: false, reason: 'last' };
  expect(await editUser(db, by, other.userId, { role: null })).toEqual(last);
  expect(await editUser(db, by, other.userId, { active: false })).toEqual(last);
  await db.pool.query("update users set password_hash = 'none' where id = $1", [invited.id]);
  expect(await editUser(db, by, other.userId, { active: false })).toMatchObject({ ok: true });
});

const email = 'root@example.com';
const input = { email, name: 'Root', role: 'settings_administrator' } as const;
test.each<[string, (database: Database) => Promise<unknown>]>([
  ['the console', (database) => createAtConsole(database, input)],
  ['the first start', (database) => createFirstAdministrator(database, { email, password: undefined })],
])('%s gives nobody an address while an act on users goes on', async (_who, create) => {
  const waiting = async () =>
    (
      await db.pool.query(
        `select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`,
      )
    ).rows[0].count;
  let underWay: Promise<unknown> | undefined;
  await withTransaction(db.database, async (transaction) => {
    await lockUsers(transaction);
    underWay = create(db.database);
    await expect.poll(waiting, { timeout: 5000 }).toBe(1);
  });
  expect(await underWay).toMatchObject({ email });
});

const ROLES = ['settings_administrator', 'settings_viewer', null] as const;
const acts = fc.array(
  fc.record({
    by: fc.nat(3),
    of: fc.nat(3),
    role: fc.constantFrom(...ROLES),
    active: fc.boolean(),
    atOnce: fc.boolean(),
  }),
  { maxLength: 15 },
);

test('any order of acts leaves an administrator', async () => {
  const people = await some(4);
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      await db.pool.query("update users set role = 'settings_administrator', active = true");
      await db.pool.query('update sessions set ended_at = null, ended_because = null');
      const underWay: Promise<unknown>[] = [];
      for (const { by, of, role, active, atOnce } of list) {
        const act = editUser(db, at(people, by), at(people, of).userId, { role, active });
        underWay.push(act);
        if (!atOnce) await act;
      }
      await Promise.all(underWay);
      expect(await left()).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: atScale({ normal: 10, soak: 100 }) },
  );
}, 300_000);
