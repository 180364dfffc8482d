import { and, eq, lt, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';

/**
 * Drops what a reveal still has queued of one kind, since a newer message is about to take its place. The caller
 * holds the reveal.
 * @param before of texts: only those with a code of an earlier generation
 */
export async function dropQueued(
  transaction: Transaction,
  revealId: string,
  kind: 'reveal_link' | 'code',
  before?: number,
): Promise<void> {
  await transaction
    .update(messages)
    .set({ state: 'dropped', endedAt: sql`now()` })
    .where(
      and(
        eq(messages.revealId, revealId),
        eq(messages.kind, kind),
        eq(messages.state, 'queued'),
        before === undefined ? undefined : lt(messages.codeGeneration, before),
      ),
    );
}
