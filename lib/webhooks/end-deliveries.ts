import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { webhookDeliveries } from '#db/schema/webhooks.ts';

/** Ends the pending deliveries of an endpoint that is being disabled. They can be requested again. */
export async function endPendingDeliveries(transaction: Transaction, endpointId: string): Promise<void> {
  await transaction
    .update(webhookDeliveries)
    .set({ state: 'failed', nextAttemptAt: null, endedAt: sql`now()` })
    .where(and(eq(webhookDeliveries.endpointId, endpointId), eq(webhookDeliveries.state, 'pending')));
}
