import { sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { endEmailLinks } from './end.ts';
import { EMAIL_LINK_HOURS } from './limits.ts';

export type LinkPurpose = keyof typeof EMAIL_LINK_HOURS;

/**
 * Creates an email link and queues its message, in the caller's transaction. Invalidates earlier links, unless the user
 * requests a password reset themselves. The caller has locked the user's row (`lockUser`) or created it, and records the
 * audit event.
 * @param input.createdBy the administrator who requested the link; null if the user did
 */
export async function startEmailLink(
  transaction: Transaction,
  queue: PgBoss,
  { userId, purpose, createdBy }: { userId: string; purpose: LinkPurpose; createdBy: string | null },
): Promise<string> {
  // Anyone can request a reset for any email address, so a self-service reset must not invalidate the user's links.
  const isSelfService = purpose === 'password_reset' && createdBy === null;
  if (!isSelfService) await endEmailLinks(transaction, userId, 'replaced');
  const id = uuidv7();
  const expiresAt = sql`now() + make_interval(hours => ${EMAIL_LINK_HOURS[purpose]}::integer)`;
  await transaction.insert(userLinks).values({ id, userId, purpose, createdBy, expiresAt });
  await queueMessage(transaction, queue, { kind: 'user_link', linkId: id });
  return id;
}
