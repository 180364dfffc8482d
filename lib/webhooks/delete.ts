import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { webhookEndpoints } from '#db/schema/webhooks.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type Actor, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import { describeEndpoint } from './describe-endpoint.ts';

export type DeleteWebhookEndpointResult = { ok: true } | { ok: false; reason: 'not_found' };

/** Deletes a webhook endpoint with its deliveries. Needs no recent authentication, because it only takes access away. */
export async function deleteWebhookEndpoint(
  database: Database,
  actor: Actor<'webhooks:write'>,
  { id }: { id: string },
): Promise<DeleteWebhookEndpointResult> {
  return withActorTransaction(database, actor, async (transaction): Promise<DeleteWebhookEndpointResult> => {
    const [deleted] = await transaction
      .delete(webhookEndpoints)
      .where(eq(webhookEndpoints.id, id))
      .returning({ url: webhookEndpoints.url });
    if (!deleted) return { ok: false, reason: 'not_found' };
    recordAuditEvent(transaction, 'webhook_endpoint.deleted', {
      ...getAuditActor(actor),
      details: describeEndpoint({ id, url: deleted.url }),
    });
    return { ok: true };
  });
}
