import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Person } from '#lib/auth/roles.ts';
import { log } from '#lib/log.ts';
import { settings } from '#lib/settings.ts';
import { ADDRESS, testPerson } from '#lib/testing/people.ts';
import { userLinkToken } from '#lib/user-links/derive.ts';
import { followUserLink } from './follow-link.ts';
import { requestPasswordReset } from './request-reset.ts';

const NEW = 'a quiet lamp on the stairs';

let db: TestDatabase;
let person: Person;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  person = await testPerson(db.database);
});

/** Asks, and waits for the work too. */
async function ask(email: string, address: string) {
  const { begun, done } = requestPasswordReset(db.database, { email, address });
  const answer = await begun;
  await done;
  return answer;
}

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
    expect(await ask(email, '198.51.100.1')).toEqual({ ok: true });
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

test('an address gets five emails an hour, whether anybody has it or not', async () => {
  for (const email of [person.email, `not-${person.email}`]) {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => ask(email, `203.0.113.${at}`)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
  }
});
