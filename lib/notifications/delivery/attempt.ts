import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';

/** A message that is still to be sent, held until the transaction ends. */
export type LockedMessage = {
  id: string;
  /** How often its sending was begun before. */
  attempts: number;
  /** Which code a text carries; null for an email. */
  codeGeneration: number | null;
};

/**
 * Holds a message that is still to be sent. Whoever prepares a message first holds what it is about (the reveal,
 * say), and then this: every act takes them in this order.
 * @returns null where it was sent, given up or dropped meanwhile
 */
export async function lockMessage(transaction: Transaction, id: string): Promise<LockedMessage | null> {
  const [held] = await transaction
    .select({ id: messages.id, attempts: messages.attempts, codeGeneration: messages.codeGeneration })
    .from(messages)
    .where(and(eq(messages.id, id), eq(messages.state, 'queued')))
    .for('update');
  return held ?? null;
}

/** Counts an attempt that is about to be made. `codeGeneration`: the code that the text is to carry. */
export async function countAttempt(
  transaction: Transaction,
  { id }: LockedMessage,
  codeGeneration?: number,
): Promise<void> {
  await transaction
    .update(messages)
    .set({
      attempts: sql`${messages.attempts} + 1`,
      ...(codeGeneration === undefined ? {} : { codeGeneration }),
    })
    .where(eq(messages.id, id));
}

/** Drops a message that nobody needs any more. */
export async function dropMessage(transaction: Transaction, { id }: LockedMessage): Promise<void> {
  await transaction
    .update(messages)
    .set({ state: 'dropped', attemptUntil: null, nextAttemptAt: null, endedAt: sql`now()` })
    .where(eq(messages.id, id));
}
