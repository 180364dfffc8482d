import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { webhookDeliveries } from '#db/schema/webhooks.ts';

/** Values for a delivery that has no attempt in progress and no next attempt. */
export const ENDED = { nextAttemptAt: null, queuedUntil: null, attemptUntil: null, endedAt: sql`now()` };

/** Ends the pending deliveries of an endpoint that is being disabled. They can be requested again. */
export async function endPendingDeliveries(transaction: Transaction, endpointId: string): Promise<void> {
  await transaction
    .update(webhookDeliveries)
    .set({ ...ENDED, state: 'failed' })
    .where(and(eq(webhookDeliveries.endpointId, endpointId), eq(webhookDeliveries.state, 'pending')));
}
