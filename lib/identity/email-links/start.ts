import { sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { endUserLinks } from './end.ts';
import { LINK_HOURS, type LinkPurpose } from './limits.ts';

/**
 * Gives somebody a link by email, and queues the email, in the act's own transaction: it replaces every link that they
 * had, unless it is a reset that nobody known has asked for: such a one stands beside those, and all end when one is
 * used. Its caller holds the person's row (`lockUser`), so that of two at once one is left, and puts the act on record.
 * @param input.createdBy the administrator who asked for it; null: the person, or the console
 */
export async function startUserLink(
  transaction: Transaction,
  queue: PgBoss,
  { userId, purpose, createdBy }: { userId: string; purpose: LinkPurpose; createdBy: string | null },
): Promise<void> {
  // Anybody may ask for one in somebody's name, and none that they hold may die of it.
  const isAnonymous = purpose === 'password_reset' && createdBy === null;
  if (!isAnonymous) await endUserLinks(transaction, userId, 'replaced');
  const id = uuidv7();
  const expiresAt = sql`now() + make_interval(hours => ${LINK_HOURS[purpose]}::integer)`;
  await transaction.insert(userLinks).values({ id, userId, purpose, createdBy, expiresAt });
  await queueMessage(transaction, queue, { kind: 'user_link', linkId: id });
}
