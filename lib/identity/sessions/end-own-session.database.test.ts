import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { startPendingSignIn } from '#lib/identity/sign-in/pending-sign-in.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { createUser } from '#lib/identity/users/create.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { atScale } from '#lib/testing/scale.ts';
import { endOtherSessions, endOwnSession } from './end-own-session.ts';
import { listSessions } from './list-sessions.ts';
import { readSession, touchSession } from './touch-session.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

const IP_ADDRESS = '192.0.2.1';
const NOT_FOUND = { ok: false, reason: 'not_found' };

let db: TestDatabase;
let ada: CurrentUser;
let otherSessionId: string;
let eve: CurrentUser;

/** Creates a user with this number of sessions. Returns their ids, and the user as signed in with the first. */
async function createUserWithSessions(count: number): Promise<{ user: CurrentUser; ids: string[] }> {
  const email = `${uuidv7()}@example.com`;
  await createUser(db.database, { email, name: 'Ada', password: 'swordfish', role: null });
  const ids: string[] = [];
  while (ids.length < count) {
    const session = await signIn(db.database, { email, password: 'swordfish', ipAddress: IP_ADDRESS });
    if (!session.ok) throw new Error('not signed in');
    ids.push(session.sessionId);
  }
  const user = await touch(ids[0] ?? '');
  if (!user) throw new Error('no active session');
  return { user, ids };
}

const touch = (id: string) => touchSession(db.database, id, IP_ADDRESS);
const readAuditEvents = async () =>
  (
    await db.pool.query(
      "select user_id, address, details from audit_events where action = 'session.ended' and user_id in ($1, $2) order by position",
      [ada.userId, eve.userId],
    )
  ).rows;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  const created = await createUserWithSessions(2);
  ada = created.user;
  otherSessionId = created.ids[1] ?? '';
  eve = (await createUserWithSessions(1)).user;
});

test('requires recent authentication to end one or all other sessions', async () => {
  const stale = { ...ada, hasRecentAuth: false };
  const refused = { ok: false, reason: 'reauthentication_required' };
  expect(await endOwnSession(db.database, stale, { id: otherSessionId })).toEqual(refused);
  expect(await endOtherSessions(db.database, stale)).toEqual(refused);
  expect(await touch(otherSessionId)).not.toBeNull();
  expect(await readAuditEvents()).toEqual([]);
});

test('lists active sessions in named columns, the current one first', async () => {
  await db.pool.query(
    "update sessions set user_agent = 'Mozilla/5.0 (X11; Linux) Firefox/143.0', method = 'passkey' where id = $1",
    [otherSessionId],
  );
  const [at, ipAddress] = [expect.any(Date), IP_ADDRESS];
  expect(await listSessions(db.database, ada)).toEqual([
    {
      id: ada.sessionId,
      createdAt: at,
      lastSeenAt: at,
      ipAddress,
      browser: 'Unknown browser',
      methodLabel: 'a password',
      isCurrent: true,
    },
    {
      id: otherSessionId,
      createdAt: at,
      lastSeenAt: at,
      ipAddress,
      browser: 'Firefox on Linux',
      methodLabel: 'a passkey',
      isCurrent: false,
    },
  ]);
});

test.each(["last_seen_at = now() - interval '30 minutes'", "created_at = now() - interval '12 hours'"])(
  'neither lists nor ends an expired session: %s',
  async (expiry) => {
    await db.pool.query(`update sessions set ${expiry} where id = $1`, [otherSessionId]);
    expect((await listSessions(db.database, ada)).map(({ id }) => id)).toEqual([ada.sessionId]);
    expect(await endOwnSession(db.database, ada, { id: otherSessionId })).toEqual(NOT_FOUND);
    expect(await endOtherSessions(db.database, ada)).toEqual({ ok: true, sessionsEnded: 0 });
    expect(await readAuditEvents()).toEqual([]);
  },
);

test('refuses every request that begins after `endOwnSession` returned', async () => {
  const concurrentRequests = Array.from({ length: 20 }, () => touch(otherSessionId));
  expect(await endOwnSession(db.database, ada, { id: otherSessionId })).toEqual({ ok: true });
  const after = await Promise.all(
    Array.from({ length: atScale({ normal: 50, soak: 1_000 }) }, (_, round) =>
      round % 2 ? touch(otherSessionId) : readSession(db.database, otherSessionId, IP_ADDRESS),
    ),
  );
  expect(after.filter((user) => user !== null)).toEqual([]);
  await Promise.all(concurrentRequests);
  expect(await touch(ada.sessionId)).not.toBeNull();
  expect(await readAuditEvents()).toEqual([
    { user_id: ada.userId, address: IP_ADDRESS, details: { sessions: [otherSessionId] } },
  ]);
  const { rows } = await db.pool.query('select end_reason from sessions where id = $1', [otherSessionId]);
  expect(rows).toEqual([{ end_reason: 'ended_by_user' }]);
});

test("returns the same result for another user's session, an ended one and an unknown one", async () => {
  expect(await endOwnSession(db.database, ada, { id: eve.sessionId })).toEqual(NOT_FOUND);
  expect(await endOwnSession(db.database, ada, { id: uuidv7() })).toEqual(NOT_FOUND);
  expect(await touch(eve.sessionId)).not.toBeNull();
  await endOwnSession(db.database, ada, { id: otherSessionId });
  expect(await endOwnSession(db.database, ada, { id: otherSessionId })).toEqual(NOT_FOUND);
  expect(await readAuditEvents()).toHaveLength(1);
});

test('ends all other sessions of the user, and none of other users', async () => {
  expect(await endOtherSessions(db.database, ada)).toEqual({ ok: true, sessionsEnded: 1 });
  expect(await touch(otherSessionId)).toBeNull();
  expect(await touch(ada.sessionId)).not.toBeNull();
  expect(await touch(eve.sessionId)).not.toBeNull();
  expect(await endOtherSessions(db.database, ada)).toEqual({ ok: true, sessionsEnded: 0 });
  expect(await readAuditEvents()).toHaveLength(1);
});

test('ends nothing if the session of the request has ended', async () => {
  await endOwnSession(db.database, { ...ada, sessionId: otherSessionId }, { id: ada.sessionId });
  const refused = { ok: false, reason: 'signed_out', message: expect.any(String) };
  expect(await endOtherSessions(db.database, ada)).toEqual(refused);
  expect(await endOwnSession(db.database, ada, { id: otherSessionId })).toEqual(refused);
  expect(await touch(otherSessionId)).not.toBeNull();
  expect(await readAuditEvents()).toHaveLength(1);
});

test('keeps one of two sessions that concurrently end each other', async () => {
  for (let round = 0; round < atScale({ normal: 4, soak: 10 }); round += 1) {
    const { user, ids } = await createUserWithSessions(2);
    const results = await Promise.all(
      ids.map((sessionId) => endOtherSessions(db.database, { ...user, sessionId })),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const active = await Promise.all(ids.map(touch));
    expect(active.filter((user) => user !== null)).toHaveLength(1);
  }
});

test('deletes pending sign-ins when ending all other sessions, but not when ending one', async () => {
  for (const { userId } of [ada, eve]) {
    await withTransaction(db.database, (transaction) => startPendingSignIn(transaction, userId));
  }
  const readPendingUserIds = async () =>
    (
      await db.pool.query<{ user_id: string }>(
        'select user_id from pending_sign_ins where user_id in ($1, $2)',
        [ada.userId, eve.userId],
      )
    ).rows.map((row) => row.user_id);
  await endOwnSession(db.database, ada, { id: otherSessionId });
  expect(await readPendingUserIds()).toHaveLength(2);
  expect(await endOtherSessions(db.database, ada)).toEqual({ ok: true, sessionsEnded: 0 });
  expect(await readPendingUserIds()).toEqual([eve.userId]);
});
