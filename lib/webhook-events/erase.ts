import { eq, inArray, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { webhookAttempts, webhookDeliveries, webhookEvents } from '#db/schema/webhooks.ts';

/**
 * Erases the contact details in the stored events about an account that is being deleted, except its id and username, and
 * what receivers responded to them. Events that are still pending are delivered without them.
 */
export async function eraseWebhookEvents(
  transaction: Transaction,
  account: { id: string; username: string },
): Promise<void> {
  const erased = JSON.stringify({ account: { id: account.id, username: account.username } });
  // Also waits for attempts that are being recorded, because those have locked their event.
  await transaction
    .update(webhookEvents)
    .set({ data: sql`case when ${webhookEvents.data} is not null then ${erased}::jsonb end` })
    .where(eq(webhookEvents.accountId, account.id));
  const deliveries = transaction
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .innerJoin(webhookEvents, eq(webhookEvents.id, webhookDeliveries.eventId))
    .where(eq(webhookEvents.accountId, account.id));
  await transaction
    .update(webhookAttempts)
    .set({ responseHeaders: {}, responseBody: '' })
    .where(inArray(webhookAttempts.deliveryId, deliveries));
}
