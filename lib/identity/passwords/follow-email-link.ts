import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { matchesUsableLink } from '#lib/identity/email-links/usable-link.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { checkUserPassword } from './check.ts';
import { findEmailLink } from './read-email-link.ts';
import type { PasswordRejection } from './schema.ts';
import { setPassword, tryHashPassword } from './set.ts';

export type FollowEmailLinkResult =
  | { ok: true }
  | PasswordRejection
  /**
   * `invalid_link`: the link is unknown, malformed, used, replaced, withdrawn or expired, or its user is inactive.
   * `busy`: too many requests are waiting for a password hash.
   */
  | { ok: false; reason: 'invalid_link' | 'busy' }
  /** Invitations require a name. */
  | { ok: false; reason: 'name_required' };

type FollowEmailLinkInput = {
  token: string;
  /** Required for an invitation; ignored for a reset. */
  name?: string | undefined;
  password: string;
  /** The client's IP address, for the audit log. */
  ipAddress: string;
};

/** Marks a link as used. Returns false if it is no longer valid, or was used concurrently. */
async function consumeLink(transaction: Transaction, linkId: string): Promise<boolean> {
  const used = await transaction
    .update(userLinks)
    .set({ endedAt: sql`now()`, endReason: 'used' })
    .from(users)
    .where(sql`${matchesUsableLink(linkId)} and ${eq(users.id, userLinks.userId)}`)
    .returning({ id: userLinks.id });
  return used.length === 1;
}

/**
 * Sets the password, and for an invitation also the name, of the user to whom an email link was sent. Starts no session
 * and keeps second factors. So an attacker who can read the user's email can set a password, but not sign in if the user
 * has a second factor.
 */
export async function followEmailLink(
  database: Database,
  input: FollowEmailLinkInput,
): Promise<FollowEmailLinkResult> {
  const { password, ipAddress } = input;
  const link = await findEmailLink(database, input.token);
  if (!link) return { ok: false, reason: 'invalid_link' };
  const { userId } = link;
  const isInvitation = link.purpose === 'invitation';
  const name = (isInvitation ? input.name : link.name) ?? '';
  if (isInvitation && !name) return { ok: false, reason: 'name_required' };
  const checked = checkUserPassword({ ...link, name }, password);
  if (!checked.ok) return checked;
  const hash = await tryHashPassword(password);
  if (!hash) return { ok: false, reason: 'busy' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, async (transaction): Promise<FollowEmailLinkResult> => {
    const lockedUser = await lockUser(transaction, userId);
    if (!lockedUser) return { ok: false, reason: 'invalid_link' };
    const checkedAgain = checkUserPassword(
      { email: lockedUser.email, name, hasFactor: lockedUser.factorCount > 0 },
      password,
    );
    if (!checkedAgain.ok) return checkedAgain;
    if (!(await consumeLink(transaction, link.id))) return { ok: false, reason: 'invalid_link' };
    const sessionsEnded = await setPassword(transaction, userId, {
      password,
      hash,
      ...(isInvitation && { name }),
    });
    const action = isInvitation ? 'invitation.accepted' : 'password.reset';
    recordAuditEvent(transaction, action, {
      userId,
      ipAddress,
      details: { sessionsEnded, ...(isInvitation && { name }) },
    });
    if (!isInvitation) {
      const notice = 'password_changed';
      await queueMessage(transaction, queue, { kind: 'security_notice', userId, notice });
    }
    return { ok: true };
  });
}
