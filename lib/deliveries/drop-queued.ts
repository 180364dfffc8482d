import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';

/**
 * Drops what a reveal still has queued of one kind, since a newer message is about to take its place. The caller
 * holds the reveal.
 */
export async function dropQueued(
  transaction: Transaction,
  revealId: string,
  kind: 'reveal_link' | 'code',
): Promise<void> {
  await transaction
    .update(messages)
    .set({ state: 'dropped', endedAt: sql`now()` })
    .where(and(eq(messages.revealId, revealId), eq(messages.kind, kind), eq(messages.state, 'queued')));
}
