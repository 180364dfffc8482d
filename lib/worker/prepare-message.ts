import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { type ChangeMessage, prepareChangeMessage } from '#lib/address-changes/prepare-message.ts';
import { prepareRevealMessage, type RevealMessage } from '#lib/reveals/prepare-message.ts';

/** All that the words of a message are made of. */
export type PreparedMessage = RevealMessage | ChangeMessage;

/**
 * Begins an attempt to send a message: counts it, and finds out to whom it goes and what it says.
 * @returns null where there is nothing to send: sent already, given up, or overtaken
 */
export async function prepareMessage(database: Database, id: string): Promise<PreparedMessage | null> {
  return withTransaction(database, async (transaction) => {
    const [message] = await transaction
      .select({ revealId: messages.revealId, changeId: messages.changeId, userId: messages.userId })
      .from(messages)
      .where(eq(messages.id, id));
    if (message?.revealId) return prepareRevealMessage(transaction, { id, revealId: message.revealId });
    if (message?.changeId) {
      const { changeId, userId } = message;
      return prepareChangeMessage(transaction, { id, changeId, userId });
    }
    return null;
  });
}
