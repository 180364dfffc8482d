import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { openLink } from '#lib/identity/email-links/open-link.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import { checkPasswordFor } from './check-for.ts';
import { findUserLink } from './open-link.ts';
import type { PasswordRefused } from './schema.ts';
import { hashInTurn, setPassword } from './set.ts';

export type UserLinkFollowed =
  | { ok: true }
  | PasswordRefused
  /** `ended` alike for an unknown, malformed, used or late link. `busy`: too many are waiting. */
  | { ok: false; reason: 'ended' | 'busy' }
  /** An invitation takes a name. */
  | { ok: false; reason: 'nameless' };

type Following = {
  token: string;
  /** Of whoever accepts an invitation; of no account for a reset. */
  name?: string | undefined;
  password: string;
  /** The IP address that it came from; for the audit log. */
  address: string;
};

/** Uses a link up: of many at once, one. */
async function spendLink(transaction: Transaction, linkId: string): Promise<boolean> {
  const used = await transaction
    .update(userLinks)
    .set({ endedAt: sql`now()`, endedBecause: 'used' })
    .from(users)
    .where(sql`${openLink(linkId)} and ${eq(users.id, userLinks.userId)}`)
    .returning({ id: userLinks.id });
  return used.length === 1;
}

/**
 * Sets the password of whoever holds a link by email, and, at an invitation, their name. It signs nobody in, and leaves
 * second factors as they are: whoever reads somebody's email gets no further than the password.
 */
export async function followUserLink(database: Database, input: Following): Promise<UserLinkFollowed> {
  const { password, address } = input;
  const link = await findUserLink(database, input.token);
  if (!link) return { ok: false, reason: 'ended' };
  const { userId } = link;
  const invited = link.purpose === 'invitation';
  const name = (invited ? input.name : link.name) ?? '';
  if (invited && !name) return { ok: false, reason: 'nameless' };
  const checked = checkPasswordFor({ ...link, name }, password);
  if (!checked.ok) return checked;
  const hash = await hashInTurn(password);
  if (!hash) return { ok: false, reason: 'busy' };
  const sender = await queueFor(database.$client);
  return withTransaction(database, async (transaction): Promise<UserLinkFollowed> => {
    const held = await lockUser(transaction, userId);
    if (!held) return { ok: false, reason: 'ended' };
    const again = checkPasswordFor({ email: held.email, name, hasFactor: held.factors > 0 }, password);
    if (!again.ok) return again;
    if (!(await spendLink(transaction, link.id))) return { ok: false, reason: 'ended' };
    const sessionsEnded = await setPassword(transaction, userId, {
      password,
      hash,
      ...(invited && { name }),
    });
    const act = invited ? 'invitation.accepted' : 'password.reset';
    recordAuditEvent(transaction, act, {
      userId,
      address,
      details: { sessionsEnded, ...(invited && { name }) },
    });
    if (!invited) {
      const notice = 'password_changed';
      await queueMessage(transaction, sender, { kind: 'security_notice', userId, notice });
    }
    return { ok: true };
  });
}
