import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { renderUserLinkEmail } from '#lib/notifications/email/user-link-email.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { readLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { type LinkPurpose, startEmailLink } from './start.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

async function createLink(
  userId: string,
  purpose: LinkPurpose,
  createdBy: string | null = null,
): Promise<void> {
  const queue = await getQueue(db.pool);
  await withTransaction(db.database, async (transaction) => {
    await lockUser(transaction, userId);
    await startEmailLink(transaction, queue, { userId, purpose, createdBy });
  });
}

const readLinks = (userId: string) =>
  db.database
    .select({
      id: userLinks.id,
      endReason: userLinks.endReason,
      expiresAt: userLinks.expiresAt,
      createdAt: userLinks.createdAt,
      messageId: messages.id,
    })
    .from(userLinks)
    .innerJoin(messages, eq(messages.linkId, userLinks.id))
    .where(eq(userLinks.userId, userId))
    .orderBy(userLinks.id);

test.each([
  ['invitation', 24],
  ['password_reset', 1],
] as const)(
  'creates a link for %s that expires after %i hours, and prepares its email',
  async (purpose, hours) => {
    const { userId, email } = await createTestAdministrator(db.database);
    await createLink(userId, purpose);
    const [link] = await readLinks(userId);
    if (!link) throw new Error('no link');
    expect(link.expiresAt.getTime() - link.createdAt.getTime()).toBe(hours * 60 * 60 * 1000);
    const message = await prepareMessage(db.database, link.messageId);
    if (message?.kind !== 'user_link') throw new Error('no email');
    expect(message).toMatchObject({ to: email, purpose, expiresAt: link.expiresAt });
    const token = new URL(message.link).hash.slice(1);
    expect(readLinkToken('emailLink', token, settings().authSecret)).toBe(link.id);
    const { text, html } = await renderUserLinkEmail({ organisation: 'Northwind Traders', ...message });
    expect(text).toContain(message.link);
    expect(html).toContain(message.link);
  },
);

test('includes the name of the inviting administrator, or their email address if they have none, and the role', async () => {
  const [inviter, { userId }] = [
    await createTestAdministrator(db.database),
    await createTestAdministrator(db.database),
  ];
  await createLink(userId, 'invitation', inviter.userId);
  const [link] = await readLinks(userId);
  const prepare = () => link && prepareMessage(db.database, link.messageId);
  expect(await prepare()).toMatchObject({ invitedBy: inviter.name, role: 'settings_administrator' });
  // A retry gets the same content.
  expect(await prepare()).toEqual(await prepare());
  await db.database.update(users).set({ name: '' }).where(eq(users.id, inviter.userId));
  expect(await prepare()).toMatchObject({ invitedBy: inviter.email });
});

test('keeps one of ten concurrent invitations, and drops the emails of the others', async () => {
  const { userId } = await createTestAdministrator(db.database);
  await Promise.all(Array.from({ length: 10 }, () => createLink(userId, 'invitation')));
  const links = await readLinks(userId);
  expect(links.filter(({ endReason }) => endReason === null)).toHaveLength(1);
  for (const { endReason, messageId } of links) {
    const message = await prepareMessage(db.database, messageId);
    expect(message === null).toBe(endReason === 'replaced');
  }
});

test('invalidates earlier links if an administrator requests a reset, but not if the user does', async () => {
  const { userId } = await createTestAdministrator(db.database);
  await Promise.all(Array.from({ length: 5 }, () => createLink(userId, 'password_reset')));
  for (const { messageId } of await readLinks(userId)) {
    expect(await prepareMessage(db.database, messageId)).not.toBeNull();
  }
  // No page offers this reset.
  const { userId: otherAdministratorId } = await createTestAdministrator(db.database);
  await createLink(userId, 'password_reset', otherAdministratorId);
  const links = await readLinks(userId);
  expect(links.map(({ endReason }) => endReason)).toEqual([...Array<string>(5).fill('replaced'), null]);
});

test('prepares no email for an inactive user', async () => {
  const { userId } = await createTestAdministrator(db.database);
  await createLink(userId, 'password_reset');
  await db.database.update(users).set({ active: false }).where(eq(users.id, userId));
  const [link] = await readLinks(userId);
  expect(link && (await prepareMessage(db.database, link.messageId))).toBeNull();
});

test('prepares a security notice for the email address that the message stores', async () => {
  const { userId } = await createTestAdministrator(db.database);
  const notice = { kind: 'security_notice', userId, notice: 'password_changed' } as const;
  const [row] = await db.database
    .insert(messages)
    // Any UUID can be the message's id.
    .values({ id: userId, channel: 'email', ...notice, noticeTo: 'before@example.com' })
    .returning({ id: messages.id });
  expect(row && (await prepareMessage(db.database, row.id))).toMatchObject({ to: 'before@example.com' });
});

test('links an invitation to the sign-in page, and prepares no reset, if single sign-on is the only method', async () => {
  const { userId } = await createTestAdministrator(db.database);
  // The reset is requested last: an invitation would invalidate it.
  await createLink(userId, 'invitation');
  await createLink(userId, 'password_reset');
  const prepareLink = async (index: number) =>
    prepareMessage(db.database, (await readLinks(userId))[index]?.messageId ?? '');
  const { singleSignOn, publicUrl } = settings();
  Object.assign(settings(), { isLocalAuthEnabled: false, singleSignOn: { name: 'Northwind' } });
  try {
    expect(await prepareLink(1)).toBeNull();
    const message = await prepareLink(0);
    if (message?.kind !== 'user_link') throw new Error('no email');
    expect(message).toMatchObject({
      purpose: 'invitation',
      ssoOnlyProvider: 'Northwind',
      link: `${publicUrl}/sign-in`,
    });
    const { text } = await renderUserLinkEmail({ organisation: 'Northwind Traders', ...message });
    expect(text).toContain(`${publicUrl}/sign-in\n`);
    expect(text).not.toContain('password');
  } finally {
    Object.assign(settings(), { isLocalAuthEnabled: true, singleSignOn });
  }
});
