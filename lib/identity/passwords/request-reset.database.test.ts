import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { ADDRESS, testUser } from '#lib/testing/test-users.ts';
import { followUserLink } from './follow-link.ts';
import { openUserLink } from './open-link.ts';
import { requestPasswordReset } from './request-reset.ts';

const NEW = 'a quiet lamp on the stairs';

let db: TestDatabase;
let user: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = await testUser(db.database);
});

/** Returns the response after the work is done too. */
async function finishReset({ response, done }: ReturnType<typeof requestPasswordReset>) {
  const result = await response;
  await done;
  return result;
}

/** Requests a reset without the delay of the response. */
const requestReset = (email: string, address: string) =>
  finishReset(requestPasswordReset(db.database, { email, address }, 0));

/** Reads the tokens of all links, oldest first. */
async function readTokens(): Promise<string[]> {
  const links = await db.database.select().from(userLinks).where(eq(userLinks.userId, user.userId));
  const ids = links.map(({ id }) => id).toSorted();
  return ids.map((id) => createLinkToken('emailLink', id, settings().authSecret));
}

const follow = (token: string | undefined) =>
  followUserLink(db.database, { token: token ?? '', password: NEW, address: ADDRESS });

test('sends a link, and returns the same response after the same time for an unknown address', async () => {
  const measure = async (email: string) => {
    const began = performance.now();
    const requested = requestPasswordReset(db.database, { email, address: '198.51.100.1' });
    expect(await finishReset(requested)).toEqual({ ok: true });
    return performance.now() - began;
  };
  expect(await measure(`  ${user.email.toUpperCase()} `)).toBeGreaterThan(390);
  expect(await measure('nobody@example.com')).toBeGreaterThan(390);
  const [requested] = await db.database
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.action, 'password.reset_asked'), eq(auditEvents.targetUserId, user.userId)));
  expect(requested).toMatchObject({ userId: null, address: '198.51.100.1' });
  expect(await follow((await readTokens())[0])).toEqual({ ok: true });
});

test('returns the response without waiting for the link', async () => {
  const client = await db.pool.connect();
  await client.query('begin');
  await client.query('select 1 from users where id = $1 for update', [user.userId]);
  const { response, done } = requestPasswordReset(db.database, {
    email: user.email,
    address: '198.51.100.3',
  });
  expect(await response).toEqual({ ok: true });
  expect(await readTokens()).toEqual([]);
  await client.query('commit');
  client.release();
  await done;
  expect(await readTokens()).toHaveLength(1);
});

test('returns the same response if the link cannot be created, and logs the error', async () => {
  const logError = vi.spyOn(log, 'error').mockImplementation(() => {});
  await db.pool.query('alter table user_links rename to user_links_gone');
  try {
    expect(await requestReset(user.email, '198.51.100.4')).toEqual({ ok: true });
    expect(logError.mock.calls.map(([event]) => event)).toEqual(['password_reset.link_not_created']);
  } finally {
    await db.pool.query('alter table user_links_gone rename to user_links');
    logError.mockRestore();
  }
});

test.each([{ active: false }, { passwordHash: null }])('sends nothing to a user with %o', async (state) => {
  await db.database.update(users).set(state).where(eq(users.id, user.userId));
  expect(await requestReset(user.email, '198.51.100.2')).toEqual({ ok: true });
  expect(await readTokens()).toEqual([]);
});

test('sends five emails an hour per address, and returns the same response to further requests', async () => {
  for (const email of [user.email, `not-${user.email}`]) {
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, index) => requestReset(email, `203.0.113.${index}`)),
    );
    expect(responses).toEqual(Array(10).fill({ ok: true }));
  }
  expect(await readTokens()).toHaveLength(5);
});

test('neither revokes the user’s link nor uses up the limit of a known address if an attacker requests resets', async () => {
  await requestReset(user.email, '198.51.100.5');
  const [ownToken] = await readTokens();
  for (let index = 0; index < 6; index += 1) await requestReset(user.email, `203.0.113.${100 + index}`);
  expect(await readTokens()).toHaveLength(5);
  expect(await openUserLink(db.database, ownToken ?? '')).toMatchObject({ ok: true });
  // From the address where the user signed in.
  expect(await requestReset(user.email, ADDRESS)).toEqual({ ok: true });
  const all = await readTokens();
  expect(all).toHaveLength(6);
  expect(await follow(ownToken)).toEqual({ ok: true });
  for (const token of all) expect(await follow(token)).toEqual({ ok: false, reason: 'ended' });
});

test('sends five emails an hour to a known address, too', async () => {
  for (let index = 0; index < 7; index += 1)
    expect(await requestReset(user.email, ADDRESS)).toEqual({ ok: true });
  expect(await readTokens()).toHaveLength(5);
});

test('limits an IP address to thirty requests an hour', async () => {
  const requested = Array.from({ length: 31 }, (_, index) =>
    requestReset(`nobody-${index}@example.com`, '198.51.100.77'),
  );
  const refused = (await Promise.all(requested)).filter(({ ok }) => !ok);
  expect(refused).toMatchObject([{ reason: 'throttled' }]);
});
