import { sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { endUserLinks } from './end.ts';
import { USER_LINK_HOURS } from './limits.ts';

export type LinkPurpose = keyof typeof USER_LINK_HOURS;

/**
 * Creates a link by email and queues its message, in the caller's transaction. Invalidates earlier links, except for
 * self-service password resets. The caller has locked the user's row (`lockUser`) and records the audit event.
 * @param input.createdBy the administrator who requested it; null: the user, or the command line
 */
export async function startUserLink(
  transaction: Transaction,
  queue: PgBoss,
  { userId, purpose, createdBy }: { userId: string; purpose: LinkPurpose; createdBy: string | null },
): Promise<void> {
  // Anyone can request a reset for any email address, so it must not invalidate the user's links.
  const isSelfService = purpose === 'password_reset' && createdBy === null;
  if (!isSelfService) await endUserLinks(transaction, userId, 'replaced');
  const id = uuidv7();
  const expiresAt = sql`now() + make_interval(hours => ${USER_LINK_HOURS[purpose]}::integer)`;
  await transaction.insert(userLinks).values({ id, userId, purpose, createdBy, expiresAt });
  await queueMessage(transaction, queue, { kind: 'user_link', linkId: id });
}
