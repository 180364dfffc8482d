import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '#db/client.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { editUser, inviteTestUser, readTestUser } from '#lib/testing/users.ts';
import { createUserAtConsole } from './create-at-console.ts';
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
  Promise.all(Array.from({ length: count }, () => createTestAdministrator(db.database)));

/** Counts the active administrators with a password, with SQL that is independent of the tested code. */
async function countAdministrators(): Promise<number> {
  const { rows } = await db.pool.query(`select count(*)::int as count from users
    where role = 'settings_administrator' and active and password_hash is not null`);
  return rows[0].count;
}

const pickAdministrator = (administrators: Administrator[], index: number) =>
  administrators[index % administrators.length] as Administrator;

test.each([2, 20])(
  'keeps at least one of %i administrators who concurrently remove each other’s role',
  async (count) => {
    const administrators = await createAdministrators(count);
    // Reads the versions first, so that only the writes race.
    const loaded = await Promise.all(administrators.map(({ userId }) => readTestUser(db, userId)));
    const results = await Promise.all(
      administrators.map((administrator, index) =>
        editUser(db, administrator, loaded[(index + 1) % count] as (typeof loaded)[number], {
          role: 'settings_viewer',
        }),
      ),
    );
    const editCount = results.filter(({ ok }) => ok).length;
    expect(editCount).toBeGreaterThanOrEqual(1);
    expect(await countAdministrators()).toBe(count - editCount);
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
  // Updates the database directly, because `editUser` would also end the sessions.
  await db.pool.query("update users set role = 'settings_viewer' where id = $1", [demoted.userId]);
  await editUser(db, administrator, inactive.userId, { active: false });
  const id = administrator.userId;
  const input = { email: 'x@example.com', role: null };
  for (const [formerAdministrator, reason] of [
    [demoted, 'wrong_role'],
    [inactive, 'signed_out'],
  ] as const) {
    expect(await editUser(db, formerAdministrator, id, { role: null })).toMatchObject({ ok: false, reason });
    expect(await inviteUser(db.database, formerAdministrator, input)).toMatchObject({ ok: false, reason });
    expect(await resendInvitation(db.database, formerAdministrator, { id })).toMatchObject({
      ok: false,
      reason,
    });
    expect(await signUserOut(db.database, formerAdministrator, { id })).toMatchObject({ ok: false, reason });
  }
});

test('refuses actions of an administrator whose session has ended', async () => {
  const [administrator, other] = (await createAdministrators(2)) as [Administrator, Administrator];
  expect(await signUserOut(db.database, administrator, { id: other.userId })).toMatchObject({
    ok: true,
    sessionsEnded: 1,
  });
  const id = administrator.userId;
  const signedOut = { ok: false, reason: 'signed_out' };
  expect(await editUser(db, other, id, { role: null })).toMatchObject(signedOut);
  expect(await inviteUser(db.database, other, { email: 'x@example.com', role: null })).toMatchObject(
    signedOut,
  );
  expect(await resendInvitation(db.database, other, { id })).toMatchObject(signedOut);
  expect(await signUserOut(db.database, other, { id })).toMatchObject(signedOut);
  // The session of another user does not authorise them either.
  const { sessionId } = administrator;
  expect(await signUserOut(db.database, { ...other, sessionId }, { id })).toMatchObject(signedOut);
});

test('keeps the last administrator with a password, even if another one is invited', async () => {
  const [administrator, other] = (await createAdministrators(2)) as [Administrator, Administrator];
  const invited = await inviteTestUser(db, administrator, 'invited@example.com');
  // This administrator has an active session, but no sign-in method.
  await db.pool.query('update users set password_hash = null where id = $1', [administrator.userId]);
  const lastAdministrator = { ok: false, reason: 'last_administrator' };
  expect(await editUser(db, administrator, other.userId, { role: null })).toEqual(lastAdministrator);
  expect(await editUser(db, administrator, other.userId, { active: false })).toEqual(lastAdministrator);
  await db.pool.query("update users set password_hash = 'none' where id = $1", [invited.id]);
  expect(await editUser(db, administrator, other.userId, { active: false })).toMatchObject({ ok: true });
});

const email = 'root@example.com';
const input = { email, name: 'Root', role: 'settings_administrator' } as const;
test.each<[string, (database: Database) => Promise<unknown>]>([
  ['createUserAtConsole', (database) => createUserAtConsole(database, input)],
  [
    'createFirstAdministrator',
    (database) => createFirstAdministrator(database, { email, password: undefined }),
  ],
])('%s waits for a concurrent change of users', async (_, create) => {
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
const anyEdits = fc.array(
  fc.record({
    /** Index of the administrator who edits. */
    actor: fc.nat(3),
    /** Index of the administrator who is edited. */
    target: fc.nat(3),
    role: fc.constantFrom(...ROLES),
    active: fc.boolean(),
    isConcurrent: fc.boolean(),
  }),
  { maxLength: 15 },
);

test('keeps an administrator in any sequence of edits', async () => {
  const administrators = await createAdministrators(4);
  await fc.assert(
    fc.asyncProperty(anyEdits, async (edits) => {
      await db.pool.query("update users set role = 'settings_administrator', active = true");
      await db.pool.query('update sessions set ended_at = null, end_reason = null');
      const pending: Promise<unknown>[] = [];
      for (const { actor, target, role, active, isConcurrent } of edits) {
        const edit = editUser(
          db,
          pickAdministrator(administrators, actor),
          pickAdministrator(administrators, target).userId,
          {
            role,
            active,
          },
        );
        pending.push(edit);
        if (!isConcurrent) await edit;
      }
      await Promise.all(pending);
      expect(await countAdministrators()).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: atScale({ normal: 10, soak: 100 }) },
  );
});
