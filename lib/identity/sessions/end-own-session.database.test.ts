import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { beginSecondStep } from '#lib/identity/sign-in/pending-sign-in.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { createUser } from '#lib/identity/users/create.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { atScale } from '#lib/testing/scale.ts';
import { endOtherSessions, endOwnSession } from './end-own-session.ts';
import { listSessions } from './list-sessions.ts';
import { readSession } from './read-session.ts';
import { touchSession } from './touch-session.ts';

const ADDRESS = '192.0.2.1';
const MISSING = { ok: false, reason: 'missing' };

let db: TestDatabase;
let ada: CurrentUser;
let second: string;
let eve: CurrentUser;

/** Somebody new, and the sessions of so many sign-ins. */
async function newPerson(signIns: number): Promise<{ person: CurrentUser; ids: string[] }> {
  const email = `${uuidv7()}@example.com`;
  await createUser(db.database, { email, name: 'Ada', password: 'swordfish', role: null });
  const ids: string[] = [];
  while (ids.length < signIns) {
    const session = await signIn(db.database, { email, password: 'swordfish', address: ADDRESS });
    if (!session.ok) throw new Error('not signed in');
    ids.push(session.sessionId);
  }
  const person = await touch(ids[0] ?? '');
  if (!person) throw new Error('nobody');
  return { person, ids };
}

const touch = (id: string) => touchSession(db.database, id, ADDRESS);
const acts = async () =>
  (
    await db.pool.query(
      "select user_id, address, details from audit_events where act = 'session.ended' and user_id in ($1, $2) order by position",
      [ada.userId, eve.userId],
    )
  ).rows;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  const made = await newPerson(2);
  ada = made.person;
  second = made.ids[1] ?? '';
  eve = (await newPerson(1)).person;
});

test('lists what is alive, in named columns, this one first', async () => {
  await db.pool.query(
    "update sessions set user_agent = 'Mozilla/5.0 (X11; Linux) Firefox/143.0', method = 'passkey' where id = $1",
    [second],
  );
  const [at, address] = [expect.any(Date), ADDRESS];
  expect(await listSessions(db.database, ada)).toEqual([
    {
      id: ada.sessionId,
      createdAt: at,
      lastSeenAt: at,
      address,
      browser: 'An unknown browser',
      method: 'Password',
      current: true,
    },
    {
      id: second,
      createdAt: at,
      lastSeenAt: at,
      address,
      browser: 'Firefox on Linux',
      method: 'Passkey',
      current: false,
    },
  ]);
});

test.each(["last_seen_at = now() - interval '30 minutes'", "created_at = now() - interval '12 hours'"])(
  'neither lists nor ends one that is over: %s',
  async (over) => {
    await db.pool.query(`update sessions set ${over} where id = $1`, [second]);
    expect((await listSessions(db.database, ada)).map(({ id }) => id)).toEqual([ada.sessionId]);
    expect(await endOwnSession(db.database, ada, { id: second })).toEqual(MISSING);
    expect(await endOtherSessions(db.database, ada)).toEqual({ ok: true, ended: 0 });
    expect(await acts()).toEqual([]);
  },
);

test('lets no request in that begins after the answer, by either way', async () => {
  const during = Array.from({ length: 20 }, () => touch(second));
  expect(await endOwnSession(db.database, ada, { id: second })).toEqual({ ok: true });
  const after = await Promise.all(
    Array.from({ length: atScale({ normal: 50, soak: 1_000 }) }, (_, turn) =>
      turn % 2 ? touch(second) : readSession(db.database, second, ADDRESS),
    ),
  );
  expect(after.filter((person) => person !== null)).toEqual([]);
  await Promise.all(during);
  expect(await touch(ada.sessionId)).not.toBeNull();
  expect(await acts()).toEqual([{ user_id: ada.userId, address: ADDRESS, details: { sessions: [second] } }]);
  const { rows } = await db.pool.query('select ended_because from sessions where id = $1', [second]);
  expect(rows).toEqual([{ ended_because: 'ended_by_user' }]);
});

test("answers alike to somebody else's, to one that is over and to one that never was", async () => {
  expect(await endOwnSession(db.database, ada, { id: eve.sessionId })).toEqual(MISSING);
  expect(await endOwnSession(db.database, ada, { id: uuidv7() })).toEqual(MISSING);
  expect(await touch(eve.sessionId)).not.toBeNull();
  await endOwnSession(db.database, ada, { id: second });
  expect(await endOwnSession(db.database, ada, { id: second })).toEqual(MISSING);
  expect(await acts()).toHaveLength(1);
});

test('ends all others at once, and nobody else’s', async () => {
  expect(await endOtherSessions(db.database, ada)).toEqual({ ok: true, ended: 1 });
  expect(await touch(second)).toBeNull();
  expect(await touch(ada.sessionId)).not.toBeNull();
  expect(await touch(eve.sessionId)).not.toBeNull();
  expect(await endOtherSessions(db.database, ada)).toEqual({ ok: true, ended: 0 });
  expect(await acts()).toHaveLength(1);
});

test('ends nothing for a session that was ended while its request was under way', async () => {
  await endOwnSession(db.database, { ...ada, sessionId: second }, { id: ada.sessionId });
  const refused = { ok: false, reason: 'signed_out', message: expect.any(String) };
  expect(await endOtherSessions(db.database, ada)).toEqual(refused);
  expect(await endOwnSession(db.database, ada, { id: second })).toEqual(refused);
  expect(await touch(second)).not.toBeNull();
  expect(await acts()).toHaveLength(1);
});

test('of two sessions that end each other at the same moment, one stays', async () => {
  for (let turn = 0; turn < atScale({ normal: 4, soak: 10 }); turn += 1) {
    const { person, ids } = await newPerson(2);
    const results = await Promise.all(
      ids.map((sessionId) => endOtherSessions(db.database, { ...person, sessionId })),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const alive = await Promise.all(ids.map(touch));
    expect(alive.filter((one) => one !== null)).toHaveLength(1);
  }
});

test('drops sign-ins that await their second step with all others, and with one alone none', async () => {
  for (const { userId } of [ada, eve]) {
    await withTransaction(db.database, (transaction) => beginSecondStep(transaction, userId));
  }
  const waiting = async () =>
    (
      await db.pool.query<{ user_id: string }>(
        'select user_id from pending_sign_ins where user_id in ($1, $2)',
        [ada.userId, eve.userId],
      )
    ).rows.map((row) => row.user_id);
  await endOwnSession(db.database, ada, { id: second });
  expect(await waiting()).toHaveLength(2);
  expect(await endOtherSessions(db.database, ada)).toEqual({ ok: true, ended: 0 });
  expect(await waiting()).toEqual([eve.userId]);
});
