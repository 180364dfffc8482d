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
import { createTestUser, IP_ADDRESS } from '#lib/testing/test-users.ts';
import { followEmailLink } from './follow-email-link.ts';
import { readEmailLink } from './read-email-link.ts';
import { requestPasswordReset } from './request-reset.ts';

const NEW = 'a quiet lamp on the stairs';

let db: TestDatabase;
let user: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = await createTestUser(db.database);
});

/** Waits for the work too, and returns the response. */
async function finishReset({ response, done }: ReturnType<typeof requestPasswordReset>) {
  const result = await response;
  await done;
  return result;
}

/** Requests a reset without the minimum response time. */
const requestReset = (email: string, ipAddress: string) =>
  finishReset(requestPasswordReset(db.database, { email, ipAddress }, 0));

/** Creates the tokens of all links, oldest first. */
async function createTokens(): Promise<string[]> {
  const links = await db.database.select().from(userLinks).where(eq(userLinks.userId, user.userId));
  const ids = links.map(({ id }) => id).toSorted();
  return ids.map((id) => createLinkToken('emailLink', id, settings().authSecret));
}

const follow = (token: string | undefined) =>
  followEmailLink(db.database, { token: token ?? '', password: NEW, ipAddress: IP_ADDRESS });

test('sends a link, and returns the same response after the minimum time for an unknown email address', async () => {
  const measure = async (email: string) => {
    const startedAt = performance.now();
    const requested = requestPasswordReset(db.database, { email, ipAddress: '198.51.100.1' });
    expect(await finishReset(requested)).toEqual({ ok: true });
    return performance.now() - startedAt;
  };
  expect(await measure(`  ${user.email.toUpperCase()} `)).toBeGreaterThan(390);
  expect(await measure('nobody@example.com')).toBeGreaterThan(390);
  const [requested] = await db.database
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.action, 'password.reset_asked'), eq(auditEvents.targetUserId, user.userId)));
  expect(requested).toMatchObject({ userId: null, ipAddress: '198.51.100.1' });
  expect(await follow((await createTokens())[0])).toEqual({ ok: true });
});

test('returns the response without waiting for the link', async () => {
  const client = await db.pool.connect();
  await client.query('begin');
  await client.query('select 1 from users where id = $1 for update', [user.userId]);
  const { response, done } = requestPasswordReset(db.database, {
    email: user.email,
    ipAddress: '198.51.100.3',
  });
  expect(await response).toEqual({ ok: true });
  expect(await createTokens()).toEqual([]);
  await client.query('commit');
  client.release();
  await done;
  expect(await createTokens()).toHaveLength(1);
});

test('returns the same response if the link cannot be created, and logs two lines for many errors', async () => {
  const logError = vi.spyOn(log, 'error').mockImplementation(() => {});
  // Otherwise, the line with the number would be logged a minute later, during another test.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await db.pool.query('alter table user_links rename to user_links_renamed');
  try {
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(await requestReset(user.email, '198.51.100.4')).toEqual({ ok: true });
    vi.advanceTimersByTime(60_000);
    const lines = logError.mock.calls.map(([event, , details]) => [event, details]);
    expect(lines).toMatchObject([1, 2].map((count) => ['password_reset.link_not_created', { count }]));
    vi.advanceTimersByTime(60_000);
    expect(logError).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
    await db.pool.query('alter table user_links_renamed rename to user_links');
    logError.mockRestore();
  }
});

test.each([{ active: false }, { passwordHash: null }])('sends nothing to a user with %o', async (state) => {
  await db.database.update(users).set(state).where(eq(users.id, user.userId));
  expect(await requestReset(user.email, '198.51.100.2')).toEqual({ ok: true });
  expect(await createTokens()).toEqual([]);
});

test('sends five emails an hour per email address, and returns the same response to further requests', async () => {
  for (const email of [user.email, `not-${user.email}`]) {
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, index) => requestReset(email, `203.0.113.${index}`)),
    );
    expect(responses).toEqual(Array(10).fill({ ok: true }));
  }
  expect(await createTokens()).toHaveLength(5);
});

test('keeps the user’s link valid, and still sends links for a known IP address, if an attacker requests resets', async () => {
  await requestReset(user.email, '198.51.100.5');
  const [ownToken] = await createTokens();
  for (let index = 0; index < 6; index += 1) await requestReset(user.email, `203.0.113.${100 + index}`);
  expect(await createTokens()).toHaveLength(5);
  expect(await readEmailLink(db.database, ownToken ?? '')).toMatchObject({ ok: true });
  // The user has signed in from this IP address, so it has a limit of its own.
  expect(await requestReset(user.email, IP_ADDRESS)).toEqual({ ok: true });
  const all = await createTokens();
  expect(all).toHaveLength(6);
  expect(await follow(ownToken)).toEqual({ ok: true });
  // Setting the password has withdrawn the other links.
  for (const token of all) expect(await follow(token)).toEqual({ ok: false, reason: 'invalid_link' });
});

test('sends five emails an hour for requests from a known IP address, too', async () => {
  for (let index = 0; index < 7; index += 1)
    expect(await requestReset(user.email, IP_ADDRESS)).toEqual({ ok: true });
  expect(await createTokens()).toHaveLength(5);
});

test('limits an IP address to thirty requests an hour', async () => {
  const requested = Array.from({ length: 31 }, (_, index) =>
    requestReset(`nobody-${index}@example.com`, '198.51.100.77'),
  );
  const rateLimited = (await Promise.all(requested)).filter(({ ok }) => !ok);
  expect(rateLimited).toMatchObject([{ reason: 'rate_limited' }]);
});
