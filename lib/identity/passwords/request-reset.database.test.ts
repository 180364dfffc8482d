import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { userLinkToken } from '#lib/identity/email-links/token.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { ADDRESS, testPerson } from '#lib/testing/people.ts';
import { followUserLink } from './follow-link.ts';
import { openUserLink } from './open-link.ts';
import { requestPasswordReset } from './request-reset.ts';

const NEW = 'a quiet lamp on the stairs';

let db: TestDatabase;
let person: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  person = await testPerson(db.database);
});

/** Asks, and waits for the work too. */
async function settled({ begun, done }: ReturnType<typeof requestPasswordReset>) {
  const answer = await begun;
  await done;
  return answer;
}

/** Asks without the delay before the answer. */
const ask = (email: string, address: string) =>
  settled(requestPasswordReset(db.database, { email, address }, 0));

/** The tokens of all links, oldest first. */
async function tokens(): Promise<string[]> {
  const links = await db.database.select().from(userLinks).where(eq(userLinks.userId, person.userId));
  const ids = links.map(({ id }) => id).toSorted();
  return ids.map((id) => userLinkToken(id, settings().authSecret));
}

const follow = (token: string | undefined) =>
  followUserLink(db.database, { token: token ?? '', password: NEW, address: ADDRESS });

test('somebody who asks is sent a link, and a stranger gets the same answer after the same time', async () => {
  const took = async (email: string) => {
    const began = performance.now();
    const asked = requestPasswordReset(db.database, { email, address: '198.51.100.1' });
    expect(await settled(asked)).toEqual({ ok: true });
    return performance.now() - began;
  };
  expect(await took(`  ${person.email.toUpperCase()} `)).toBeGreaterThan(390);
  expect(await took('nobody@example.com')).toBeGreaterThan(390);
  const [asked] = await db.database
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.act, 'password.reset_asked'), eq(auditEvents.targetUserId, person.userId)));
  expect(asked).toMatchObject({ userId: null, address: '198.51.100.1' });
  expect(await follow((await tokens())[0])).toEqual({ ok: true });
});

test('the answer does not wait for the link', async () => {
  const client = await db.pool.connect();
  await client.query('begin');
  await client.query('select 1 from users where id = $1 for update', [person.userId]);
  const { begun, done } = requestPasswordReset(db.database, { email: person.email, address: '198.51.100.3' });
  expect(await begun).toEqual({ ok: true });
  expect(await tokens()).toEqual([]);
  await client.query('commit');
  client.release();
  await done;
  expect(await tokens()).toHaveLength(1);
});

test('a link that cannot be begun changes nothing in the answer, and is told to the log', async () => {
  const told = vi.spyOn(log, 'error').mockImplementation(() => {});
  await db.pool.query('alter table user_links rename to user_links_gone');
  try {
    expect(await ask(person.email, '198.51.100.4')).toEqual({ ok: true });
    expect(told.mock.calls.map(([event]) => event)).toEqual(['password_reset.not_begun']);
  } finally {
    await db.pool.query('alter table user_links_gone rename to user_links');
    told.mockRestore();
  }
});

test.each([{ active: false }, { passwordHash: null }])('nothing is sent where %o', async (state) => {
  await db.database.update(users).set(state).where(eq(users.id, person.userId));
  expect(await ask(person.email, '198.51.100.2')).toEqual({ ok: true });
  expect(await tokens()).toEqual([]);
});

test('an address gets five emails an hour, and the sixth gets the same answer', async () => {
  for (const email of [person.email, `not-${person.email}`]) {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => ask(email, `203.0.113.${at}`)));
    expect(answers).toEqual(Array(10).fill({ ok: true }));
  }
  expect(await tokens()).toHaveLength(5);
});

test('a stranger kills no link that somebody holds, and keeps nobody from asking where they have signed in', async () => {
  await ask(person.email, '198.51.100.5');
  const [mine] = await tokens();
  for (let at = 0; at < 6; at += 1) await ask(person.email, `203.0.113.${100 + at}`);
  expect(await tokens()).toHaveLength(5);
  expect(await openUserLink(db.database, mine ?? '')).toMatchObject({ ok: true });
  // From where the person signed in.
  expect(await ask(person.email, ADDRESS)).toEqual({ ok: true });
  const all = await tokens();
  expect(all).toHaveLength(6);
  expect(await follow(mine)).toEqual({ ok: true });
  for (const token of all) expect(await follow(token)).toEqual({ ok: false, reason: 'ended' });
});

test('where somebody has signed in they get five emails an hour, too', async () => {
  for (let at = 0; at < 7; at += 1) expect(await ask(person.email, ADDRESS)).toEqual({ ok: true });
  expect(await tokens()).toHaveLength(5);
});

test('one address asks thirty times an hour, whomever for', async () => {
  const asked = Array.from({ length: 31 }, (_, at) => ask(`nobody-${at}@example.com`, '198.51.100.77'));
  const refused = (await Promise.all(asked)).filter(({ ok }) => !ok);
  expect(refused).toMatchObject([{ reason: 'throttled' }]);
});
