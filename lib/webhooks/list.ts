import { asc, eq, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { webhookEndpoints } from '#db/schema/webhooks.ts';
import { selectActorName } from '#lib/identity/users/actor-name.ts';
import type { AccessTokenActor } from '#lib/platform/authorization/actor.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import type { WebhookEventType } from '#lib/webhook-events/event-types.ts';
import type { WebhookEndpointDetails } from './schema.ts';

/** Who may read endpoints and their deliveries. */
export type WebhookReader = Viewer | AccessTokenActor<'webhooks:write'>;

const selectEndpoints = (database: Queryable) =>
  database
    .select({
      id: webhookEndpoints.id,
      url: webhookEndpoints.url,
      description: webhookEndpoints.description,
      eventTypes: sql<WebhookEventType[]>`${webhookEndpoints.eventTypes}`,
      enabled: sql<boolean>`${webhookEndpoints.disabledAt} is null`,
      disabledReason: webhookEndpoints.disabledReason,
      disabledAt: webhookEndpoints.disabledAt,
      failingSince: webhookEndpoints.failingSince,
      createdAt: webhookEndpoints.createdAt,
      createdBy: selectActorName(webhookEndpoints.createdBy),
      updatedAt: webhookEndpoints.updatedAt,
      updatedBy: selectActorName(webhookEndpoints.updatedBy),
      version: webhookEndpoints.version,
      previousSecretExpiresAt: sql`case when ${webhookEndpoints.previousSecretExpiresAt} > now()
        then ${webhookEndpoints.previousSecretExpiresAt} end`.mapWith(
        webhookEndpoints.previousSecretExpiresAt,
      ),
      lastDeliveryAt: webhookEndpoints.lastDeliveryAt,
    })
    .from(webhookEndpoints)
    .$dynamic();

/** Lists the webhook endpoints, in the order of their creation. */
export function listWebhookEndpoints(
  database: Queryable,
  _reader: WebhookReader,
): Promise<WebhookEndpointDetails[]> {
  return selectEndpoints(database).orderBy(asc(webhookEndpoints.id));
}

/** Reads a webhook endpoint; returns null if it does not exist. */
export async function readWebhookEndpoint(
  database: Queryable,
  _reader: WebhookReader,
  id: string,
): Promise<WebhookEndpointDetails | null> {
  const [endpoint] = await selectEndpoints(database).where(eq(webhookEndpoints.id, id));
  return endpoint ?? null;
}
