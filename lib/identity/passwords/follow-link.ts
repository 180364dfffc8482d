import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { usableLink } from '#lib/identity/email-links/usable-link.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { queueFor, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { checkPasswordFor } from './check.ts';
import { findUserLink } from './open-link.ts';
import type { PasswordRejection } from './schema.ts';
import { setPassword, tryHashPassword } from './set.ts';

export type FollowUserLinkResult =
  | { ok: true }
  | PasswordRejection
  /** `ended`: the link is unknown, malformed, used or expired. `busy`: too many requests are waiting for a password hash. */
  | { ok: false; reason: 'ended' | 'busy' }
  /** Invitations require a name. */
  | { ok: false; reason: 'name_required' };

type FollowUserLinkInput = {
  token: string;
  /** Required for an invitation; ignored for a reset. */
  name?: string | undefined;
  password: string;
  /** The client's IP address, for the audit log. */
  address: string;
};

/** Marks a link as used. Of concurrent uses, one succeeds. */
async function consumeLink(transaction: Transaction, linkId: string): Promise<boolean> {
  const used = await transaction
    .update(userLinks)
    .set({ endedAt: sql`now()`, endReason: 'used' })
    .from(users)
    .where(sql`${usableLink(linkId)} and ${eq(users.id, userLinks.userId)}`)
    .returning({ id: userLinks.id });
  return used.length === 1;
}

/**
 * Sets the password, and for an invitation the name, of the user whom a link by email was sent to. Starts no session and
 * keeps second factors, so that an attacker who can read the user's email gets no further than the password.
 */
export async function followUserLink(
  database: Database,
  input: FollowUserLinkInput,
): Promise<FollowUserLinkResult> {
  const { password, address } = input;
  const link = await findUserLink(database, input.token);
  if (!link) return { ok: false, reason: 'ended' };
  const { userId } = link;
  const isInvitation = link.purpose === 'invitation';
  const name = (isInvitation ? input.name : link.name) ?? '';
  if (isInvitation && !name) return { ok: false, reason: 'name_required' };
  const checked = checkPasswordFor({ ...link, name }, password);
  if (!checked.ok) return checked;
  const hash = await tryHashPassword(password);
  if (!hash) return { ok: false, reason: 'busy' };
  const queue = await queueFor(database.$client);
  return withTransaction(database, async (transaction): Promise<FollowUserLinkResult> => {
    const lockedUser = await lockUser(transaction, userId);
    if (!lockedUser) return { ok: false, reason: 'ended' };
    const checkedAgain = checkPasswordFor(
      { email: lockedUser.email, name, hasFactor: lockedUser.factors > 0 },
      password,
    );
    if (!checkedAgain.ok) return checkedAgain;
    if (!(await consumeLink(transaction, link.id))) return { ok: false, reason: 'ended' };
    const sessionsEnded = await setPassword(transaction, userId, {
      password,
      hash,
      ...(isInvitation && { name }),
    });
    const action = isInvitation ? 'invitation.accepted' : 'password.reset';
    recordAuditEvent(transaction, action, {
      userId,
      address,
      details: { sessionsEnded, ...(isInvitation && { name }) },
    });
    if (!isInvitation) {
      const notice = 'password_changed';
      await queueMessage(transaction, queue, { kind: 'security_notice', userId, notice });
    }
    return { ok: true };
  });
}
