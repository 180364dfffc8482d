import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { withTransaction } from '#db/with-transaction.ts';
import {
  type ChangeMessage,
  prepareChangeMessage,
} from '#lib/api-accounts/contact-changes/prepare-message.ts';
import { prepareUserLink, type UserLinkMessage } from '#lib/identity/email-links/prepare-message.ts';
import { type NoticeMessage, prepareNotice } from '#lib/identity/users/prepare-notice.ts';
import { prepareRevealMessage, type RevealMessage } from '#lib/key-delivery/reveal/prepare-message.ts';

/** All that the words of a message are made of. */
export type PreparedMessage = RevealMessage | ChangeMessage | UserLinkMessage | NoticeMessage;

/**
 * Begins an attempt to send a message: counts it, and finds out to whom it goes and what it says.
 * @returns null where there is nothing to send: sent already, given up, or overtaken
 */
export async function prepareMessage(database: Database, id: string): Promise<PreparedMessage | null> {
  return withTransaction(database, async (transaction) => {
    const [message] = await transaction
      .select({
        revealId: messages.revealId,
        changeId: messages.changeId,
        linkId: messages.linkId,
        userId: messages.userId,
      })
      .from(messages)
      .where(eq(messages.id, id));
    if (!message) return null;
    const { revealId, changeId, linkId, userId } = message;
    if (revealId) return prepareRevealMessage(transaction, { id, revealId });
    if (changeId) return prepareChangeMessage(transaction, { id, changeId, userId });
    if (linkId) return prepareUserLink(transaction, { id, linkId });
    if (userId) return prepareNotice(transaction, { id, userId });
    return null;
  });
}
