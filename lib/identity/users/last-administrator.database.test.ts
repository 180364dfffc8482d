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
import { resendInvitation } from './invite-again.ts';
import { lockUsers } from './last-administrator.ts';
import { signUserOut } from './sign-out.ts';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(() => db.drop());

const createAdministrators = (count: number) =>
  Promise.all(Array.from({ length: count }, () => testAdministrator(db.database)));

/** Counts the administrators who can sign in, with its own SQL. */
async function countAdministrators(): Promise<number> {
  const { rows } = await db.pool.query(`select count(*)::int as count from users
    where role = 'settings_administrator' and active and password_hash is not null`);
  return rows[0].count;
}

const at = (administrators: Administrator[], index: number) =>
  administrators[index % administrators.length] as Administrator;

test.each([2, 20])(
  'keeps one of %i administrators who concurrently remove each other’s role',
  async (count) => {
    const administrators = await createAdministrators(count);
    // Reads the versions first, so that only the writes race.
    const loaded = await Promise.all(administrators.map(({ userId }) => userOf(db, userId)));
    const results = await Promise.all(
      administrators.map((administrator, index) =>
        editUser(db, administrator, loaded[(index + 1) % count] as (typeof loaded)[number], {
          role: 'settings_viewer',
        }),
      ),
    );
    const done = results.filter(({ ok }) => ok).length;
    expect(done).toBeGreaterThanOrEqual(1);
    expect(await countAdministrators()).toBe(count - done);
    expect(await countAdministrators()).toBeGreaterThanOrEqual(1);
    for (const result of results) if (!result.ok) expect(result.reason).toBe('signed_out');
  },
);

test('refuses actions of an administrator who lost the role or was deactivated', async () => {
  const [administrator, demoted, inactive] = (await createAdministrators(3)) as [
    Administrator,
    Administrator,
    Administrator,
  ];
  // Directly in the database, because an edit would end their sessions too.
  await db.pool.query("update users set role = 'settings_viewer' where id = $1", [demoted.userId]);
  await editUser(db, administrator, inactive.userId, { active: false });
  const id = administrator.userId;
  const input = { email: 'x@example.com', role: null };
  for (const [actor, reason] of [
    [demoted, 'wrong_role'],
    [inactive, 'signed_out'],
  ] as const) {
    expect(await editUser(db, actor, id, { role: null })).toMatchObject({ ok: false, reason });
    expect(await inviteUser(db.database, actor, input)).toMatchObject({ ok: false, reason });
    expect(await resendInvitation(db.database, actor, { id })).toMatchObject({ ok: false, reason });
    expect(await signUserOut(db.database, actor, { id })).toMatchObject({ ok: false, reason });
  }
});

test('refuses actions of an administrator whose session has ended', async () => {
  const [administrator, other] = (await createAdministrators(2)) as [Administrator, Administrator];
  expect(await signUserOut(db.database, administrator, { id: other.userId })).toMatchObject({
    ok: true,
    ended: 1,
  });
  const id = administrator.userId;
  const refused = { ok: false, reason: 'signed_out' };
  expect(await editUser(db, other, id, { role: null })).toMatchObject(refused);
  expect(await inviteUser(db.database, other, { email: 'x@example.com', role: null })).toMatchObject(refused);
  expect(await resendInvitation(db.database, other, { id })).toMatchObject(refused);
  expect(await signUserOut(db.database, other, { id })).toMatchObject(refused);
  // Refuses another user's session too.
  const { sessionId } = administrator;
  expect(await signUserOut(db.database, { ...other, sessionId }, { id })).toMatchObject(refused);
});

test('does not count an invited administrator', async () => {
  const [administrator, other] = (await createAdministrators(2)) as [Administrator, Administrator];
  const invited = await invitedUser(db, administrator, 'invited@example.com');
  // Has an active session but no password, and so does not count either.
  await db.pool.query('update users set password_hash = null where id = $1', [administrator.userId]);
  const last = { ok: false, reason: 'last' };
  expect(await editUser(db, administrator, other.userId, { role: null })).toEqual(last);
  expect(await editUser(db, administrator, other.userId, { active: false })).toEqual(last);
  await db.pool.query("update users set password_hash = 'none' where id = $1", [invited.id]);
  expect(await editUser(db, administrator, other.userId, { active: false })).toMatchObject({ ok: true });
});

const email = 'root@example.com';
const input = { email, name: 'Root', role: 'settings_administrator' } as const;
test.each<[string, (database: Database) => Promise<unknown>]>([
  ['the console', (database) => createAtConsole(database, input)],
  ['the first start', (database) => createFirstAdministrator(database, { email, password: undefined })],
])('waits in %s for a concurrent change of users', async (_who, create) => {
  const countWaiting = async () =>
    (
      await db.pool.query(
        `select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`,
      )
    ).rows[0].count;
  let pending: Promise<unknown> | undefined;
  await withTransaction(db.database, async (transaction) => {
    await lockUsers(transaction);
    pending = create(db.database);
    await expect.poll(countWaiting, { timeout: 5000 }).toBe(1);
  });
  expect(await pending).toMatchObject({ email });
});

const ROLES = ['settings_administrator', 'settings_viewer', null] as const;
const editLists = fc.array(
  fc.record({
    administrator: fc.nat(3),
    of: fc.nat(3),
    role: fc.constantFrom(...ROLES),
    active: fc.boolean(),
    isConcurrent: fc.boolean(),
  }),
  { maxLength: 15 },
);

test('keeps an administrator in any order of edits', async () => {
  const administrators = await createAdministrators(4);
  await fc.assert(
    fc.asyncProperty(editLists, async (list) => {
      await db.pool.query("update users set role = 'settings_administrator', active = true");
      await db.pool.query('update sessions set ended_at = null, end_reason = null');
      const pending: Promise<unknown>[] = [];
      for (const { administrator, of, role, active, isConcurrent } of list) {
        const edit = editUser(db, at(administrators, administrator), at(administrators, of).userId, {
          role,
          active,
        });
        pending.push(edit);
        if (!isConcurrent) await edit;
      }
      await Promise.all(pending);
      expect(await countAdministrators()).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: atScale({ normal: 10, soak: 100 }) },
  );
}, 300_000);
