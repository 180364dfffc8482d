import { and, eq, lt, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';

/** A queued message whose row is locked for the rest of the transaction. */
export type LockedMessage = {
  id: string;
  /** Number of earlier attempts. */
  attempts: number;
  /** Generation of the code that an SMS carries; null for an email. */
  codeGeneration: number | null;
};

/**
 * Locks a queued message for the rest of the transaction.
 * A transaction that also locks what the message is about, such as the reveal, must do so first: then transactions
 * cannot deadlock.
 * @returns null if the message is no longer queued
 */
export async function lockMessage(transaction: Transaction, id: string): Promise<LockedMessage | null> {
  const [message] = await transaction
    .select({ id: messages.id, attempts: messages.attempts, codeGeneration: messages.codeGeneration })
    .from(messages)
    .where(and(eq(messages.id, id), eq(messages.state, 'queued')))
    .for('update');
  return message ?? null;
}

/**
 * Counts an attempt before it is made.
 * @param codeGeneration generation of the code that the SMS will carry
 */
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

/** Drops a queued message that is no longer needed. */
export async function dropMessage(transaction: Transaction, { id }: LockedMessage): Promise<void> {
  await transaction
    .update(messages)
    .set({ state: 'dropped', attemptUntil: null, nextAttemptAt: null, endedAt: sql`now()` })
    .where(eq(messages.id, id));
}

/**
 * Drops a reveal's queued messages of one kind, because a newer message replaces them.
 * The caller must have locked the reveal.
 * @param beforeGeneration drops only SMS whose code is of an earlier generation; if missing, drops all of this kind
 */
export async function dropQueuedMessages(
  transaction: Transaction,
  revealId: string,
  kind: 'reveal_link' | 'code',
  beforeGeneration?: number,
): Promise<void> {
  await transaction
    .update(messages)
    .set({ state: 'dropped', endedAt: sql`now()` })
    .where(
      and(
        eq(messages.revealId, revealId),
        eq(messages.kind, kind),
        eq(messages.state, 'queued'),
        beforeGeneration === undefined ? undefined : lt(messages.codeGeneration, beforeGeneration),
      ),
    );
}
