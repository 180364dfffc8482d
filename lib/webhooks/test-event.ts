import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { webhookDeliveries, webhookEndpoints, webhookEvents } from '#db/schema/webhooks.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type Actor, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import { TEST_EVENT_TYPE } from '#lib/webhook-events/event-types.ts';
import { describeEndpoint } from './describe-endpoint.ts';

export type SendTestEventResult =
  /** `deliveryId`: the delivery whose result to wait for. */
  { ok: true; deliveryId: string } | { ok: false; reason: 'not_found' };

/**
 * Sends a test event to an endpoint, also to a disabled one. It is sent once, and does not count as a failure of the
 * endpoint.
 */
export async function sendTestEvent(
  database: Database,
  actor: Actor<'webhooks:write'>,
  { id }: { id: string },
): Promise<SendTestEventResult> {
  return withActorTransaction(database, actor, async (transaction): Promise<SendTestEventResult> => {
    const [endpoint] = await transaction
      .select({ url: webhookEndpoints.url })
      .from(webhookEndpoints)
      .where(eq(webhookEndpoints.id, id))
      .for('key share');
    if (!endpoint) return { ok: false, reason: 'not_found' };
    const [eventId, deliveryId] = [uuidv7(), uuidv7()];
    const data = { webhookEndpointId: id };
    await transaction.insert(webhookEvents).values({ id: eventId, type: TEST_EVENT_TYPE, data });
    await transaction
      .insert(webhookDeliveries)
      .values({ id: deliveryId, endpointId: id, eventId, isTest: true });
    recordAuditEvent(transaction, 'webhook_endpoint.tested', {
      ...getAuditActor(actor),
      details: describeEndpoint({ id, url: endpoint.url }),
    });
    return { ok: true, deliveryId };
  });
}
