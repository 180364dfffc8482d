import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { prepareRevealMessage, type RevealMessage } from '#lib/reveals/prepare-message.ts';

/** All that the words of a message are made of. */
export type PreparedMessage = RevealMessage;

/**
 * Begins an attempt to send a message: counts it, and finds out to whom it goes and what it says.
 * @returns null where there is nothing to send: sent already, given up, or overtaken
 */
export async function prepareMessage(database: Database, id: string): Promise<PreparedMessage | null> {
  return withTransaction(database, async (transaction) => {
    const [message] = await transaction
      .select({ kind: messages.kind, revealId: messages.revealId })
      .from(messages)
      .where(eq(messages.id, id));
    if (message?.revealId) return prepareRevealMessage(transaction, { id, revealId: message.revealId });
    return null;
  });
}
