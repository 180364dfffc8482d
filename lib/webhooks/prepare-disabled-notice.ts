import { and, eq, isNotNull } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { webhookEndpoints } from '#db/schema/webhooks.ts';
import { readAdministratorEmail } from '#lib/identity/users/administrators.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/queued-message.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** The data that the email about a disabled webhook endpoint is rendered from. */
export type WebhookDisabledMessage = {
  kind: 'webhook_disabled';
  to: string;
  /** Of the URL, only the origin: the rest may be a secret of the receiver. */
  endpoint: string;
  description: string;
  reason: 'failing' | 'gone';
  link: string;
};

async function readEndpoint(transaction: Transaction, id: string) {
  const [endpoint] = await transaction
    .select({
      url: webhookEndpoints.url,
      description: webhookEndpoints.description,
      reason: webhookEndpoints.disabledReason,
    })
    .from(webhookEndpoints)
    .where(and(eq(webhookEndpoints.id, id), isNotNull(webhookEndpoints.disabledAt)));
  return endpoint;
}

/**
 * Counts a delivery attempt of the email about a disabled webhook endpoint, and builds it.
 * @returns null if there is nothing to send: the message was sent, abandoned or dropped, or is dropped now, because the
 *   endpoint is enabled again, or the recipient is no longer an active administrator
 */
export async function prepareWebhookDisabled(
  transaction: Transaction,
  { id, userId, webhookEndpointId }: { id: string; userId: string; webhookEndpointId: string },
): Promise<WebhookDisabledMessage | null> {
  const locked = await lockMessage(transaction, id);
  if (!locked) return null;
  const to = await readAdministratorEmail(transaction, userId);
  const endpoint = await readEndpoint(transaction, webhookEndpointId);
  if (to === null || !endpoint?.reason || endpoint.reason === 'administrator') {
    await dropMessage(transaction, locked);
    return null;
  }
  await countAttempt(transaction, locked);
  const { url, description, reason } = endpoint;
  const link = `${settings().publicUrl}/settings/webhooks`;
  return { kind: 'webhook_disabled', to, endpoint: new URL(url).origin, description, reason, link };
}
