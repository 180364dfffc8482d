import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { webhookDeliveries, webhookEndpoints } from '#db/schema/webhooks.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type Actor, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import { describeEndpoint } from './describe-endpoint.ts';

/** `disabled`: the endpoint has to be enabled first. `pending`: the delivery has not ended yet. */
export type RedeliverWebhookResult =
  | { ok: true }
  | { ok: false; reason: 'not_found' | 'disabled' | 'pending' };

/** Explains why the delivery was not requested again. */
async function explainRefusal(transaction: Transaction, id: string): Promise<RedeliverWebhookResult> {
  const [delivery] = await transaction
    .select({ state: webhookDeliveries.state })
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.id, id));
  if (!delivery) return { ok: false, reason: 'not_found' };
  return { ok: false, reason: delivery.state === 'pending' ? 'pending' : 'disabled' };
}

/**
 * Sends an event to an endpoint again, with the same `webhook-id`, and with retries as the first time. Does not wait for
 * other events of the account, and they do not wait for it.
 */
export async function redeliverWebhook(
  database: Database,
  actor: Actor<'webhooks:write'>,
  { id }: { id: string },
): Promise<RedeliverWebhookResult> {
  return withActorTransaction(database, actor, async (transaction): Promise<RedeliverWebhookResult> => {
    const [requested] = await transaction
      .update(webhookDeliveries)
      .set({
        state: 'pending',
        orderedByAccount: null,
        attemptsInWindow: 0,
        windowStartedAt: sql`now()`,
        nextAttemptAt: sql`now()`,
        queuedUntil: null,
        endedAt: null,
      })
      .from(webhookEndpoints)
      .where(
        and(
          eq(webhookDeliveries.id, id),
          ne(webhookDeliveries.state, 'pending'),
          eq(webhookEndpoints.id, webhookDeliveries.endpointId),
          isNull(webhookEndpoints.disabledAt),
        ),
      )
      .returning({ endpointId: webhookEndpoints.id, url: webhookEndpoints.url });
    if (!requested) return explainRefusal(transaction, id);
    const { endpointId, url } = requested;
    recordAuditEvent(transaction, 'webhook.requested_again', {
      ...getAuditActor(actor),
      details: { ...describeEndpoint({ id: endpointId, url }), deliveryId: id },
    });
    return { ok: true };
  });
}
