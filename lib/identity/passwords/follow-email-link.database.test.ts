import { and, eq, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { messages } from '#db/schema/messages.ts';
import { sessions } from '#db/schema/sessions.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { type LinkPurpose, startEmailLink } from '#lib/identity/email-links/start.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { createTestUser, IP_ADDRESS, PASSWORD, setUpTotp } from '#lib/testing/test-users.ts';
import { followEmailLink } from './follow-email-link.ts';
import { readEmailLink } from './read-email-link.ts';
import { followEmailLinkSchema } from './schema.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

const NEW = 'a quiet lamp on the stairs';
const INVALID_LINK = { ok: false, reason: 'invalid_link' };

let db: TestDatabase;
let user: CurrentUser;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  user = await createTestUser(db.database);
});

/** Creates the token of the newest link; null if there is no link. */
async function createLatestToken(): Promise<string | null> {
  const links = await db.database.select().from(userLinks).where(eq(userLinks.userId, user.userId));
  const [id] = links
    .map((link) => link.id)
    .toSorted()
    .toReversed();
  return id ? createLinkToken('emailLink', id, settings().authSecret) : null;
}

async function createLink(purpose: LinkPurpose, createdBy: string | null = null): Promise<string> {
  const queue = await getQueue(db.pool);
  const { userId } = user;
  await withTransaction(db.database, async (transaction) => {
    await lockUser(transaction, userId);
    await startEmailLink(transaction, queue, { userId, purpose, createdBy });
  });
  return (await createLatestToken()) ?? '';
}

const follow = (token: string, password = NEW, name?: string) =>
  followEmailLink(db.database, { token, password, name, ipAddress: IP_ADDRESS });
const signInWith = (password: string) =>
  signIn(db.database, { email: user.email, password, ipAddress: IP_ADDRESS });
const readAuditActions = async (userId: string) =>
  (await db.database.select().from(auditEvents).where(eq(auditEvents.userId, userId))).map(
    ({ action }) => action,
  );

test('sets the name and password of an invited user, once', async () => {
  await db.database.update(users).set({ passwordHash: null }).where(eq(users.id, user.userId));
  const token = await createLink('invitation');
  const link = { purpose: 'invitation', email: user.email, name: 'Grace Hopper', minLength: 15 };
  expect(await readEmailLink(db.database, token)).toEqual({ ok: true, link });
  expect(await follow(token)).toEqual({ ok: false, reason: 'name_required' });
  expect(await follow(token, NEW, 'Rear Admiral Hopper')).toEqual({ ok: true });
  expect(await signInWith(NEW)).toMatchObject({ ok: true });
  const [row] = await db.database.select().from(users).where(eq(users.id, user.userId));
  expect(row).toMatchObject({ name: 'Rear Admiral Hopper', passwordAllowsSingleFactor: true });
  const [accepted] = await db.database
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.action, 'invitation.accepted'), eq(auditEvents.userId, user.userId)));
  expect(accepted).toMatchObject({ details: { name: 'Rear Admiral Hopper' } });
  expect(await readEmailLink(db.database, token)).toEqual(INVALID_LINK);
  expect(await follow(token)).toEqual(INVALID_LINK);
});

test.each(['', ' ', '\u200b', 'Ada\ue000', 'a'.repeat(101)])(
  'followEmailLinkSchema rejects the name %j',
  (name) => {
    const parsed = followEmailLinkSchema.safeParse({ token: 'x', name, password: NEW });
    expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual(['name']);
  },
);

test('resets the password, ends all sessions, keeps factors and name, and notifies the user', async () => {
  await setUpTotp(db.database, user);
  const token = await createLink('password_reset');
  expect(await readEmailLink(db.database, token)).toMatchObject({
    ok: true,
    link: { name: null, minLength: 8 },
  });
  expect(await follow(token, 'a lamp!!', 'Mallory')).toEqual({ ok: true });
  const openSessions = and(eq(sessions.userId, user.userId), isNull(sessions.endedAt));
  expect(await db.database.$count(sessions, openSessions)).toBe(0);
  expect(await signInWith(PASSWORD)).toMatchObject({ reason: 'wrong_credentials' });
  expect(await signInWith('a lamp!!')).toMatchObject({ reason: 'second_factor' });
  const [row] = await db.database.select().from(users).where(eq(users.id, user.userId));
  expect(row).toMatchObject({ name: 'Grace Hopper', passwordAllowsSingleFactor: false });
  expect(row?.totpConfirmedAt).not.toBeNull();
  const notices = await db.database.select().from(messages).where(eq(messages.userId, user.userId));
  expect(notices.map(({ notice }) => notice)).toContain('password_changed');
  expect(await readAuditActions(user.userId)).toContain('password.reset');
});

test('accepts one of fifty concurrent uses of a link', async () => {
  const token = await createLink('password_reset');
  const passwords = Array.from({ length: 50 }, (_, index) => `a quiet lamp on stair ${index}`);
  const results = await Promise.all(passwords.map((password) => follow(token, password)));
  const accepted = passwords.filter((_, index) => results[index]?.ok);
  expect(accepted).toHaveLength(1);
  expect(results.filter(({ ok }) => !ok)).toEqual(Array(49).fill(INVALID_LINK));
  expect(await signInWith(accepted[0] ?? '')).toMatchObject({ ok: true });
  expect((await readAuditActions(user.userId)).filter((action) => action === 'password.reset')).toHaveLength(
    1,
  );
});

test('keeps the link valid after a rejected password', async () => {
  const token = await createLink('password_reset');
  expect(await follow(token, 'too short')).toEqual({ ok: false, reason: 'too_short', minLength: 15 });
  expect(await follow(token, 'passwordpassword')).toEqual({ ok: false, reason: 'too_common' });
  expect(await follow(token, `${settings().organisationName} ${settings().organisationName}!`)).toEqual({
    ok: false,
    reason: 'personal_terms',
  });
  expect(await follow(token)).toEqual({ ok: true });
});

test('rejects a replaced, malformed or expired link, and a link of an inactive user', async () => {
  const first = await createLink('password_reset');
  const second = await createLink('password_reset', user.userId);
  expect(await follow(first)).toEqual(INVALID_LINK);
  expect(await follow(second.slice(0, -1))).toEqual(INVALID_LINK);
  await db.pool.query(`update user_links set expires_at = now() where user_id = $1`, [user.userId]);
  expect(await readEmailLink(db.database, second)).toEqual(INVALID_LINK);
  expect(await follow(second)).toEqual(INVALID_LINK);
  const third = await createLink('password_reset');
  await db.database.update(users).set({ active: false }).where(eq(users.id, user.userId));
  expect(await follow(third)).toEqual(INVALID_LINK);
});
