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

/** The recipient of a message, and the data that its text is rendered from. */
export type PreparedMessage = RevealMessage | ChangeMessage | UserLinkMessage | NoticeMessage;

/**
 * Counts an attempt and reads the data of its message.
 * @returns null if there is nothing to send: the message was sent, abandoned or replaced
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
