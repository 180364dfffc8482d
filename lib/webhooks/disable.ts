import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Transaction } from '#db/client.ts';
import { webhookEndpoints } from '#db/schema/webhooks.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { listAdministratorIds } from '#lib/identity/users/administrators.ts';
import { queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import { endPendingDeliveries } from './end-deliveries.ts';

/** After how many days without a successful delivery an endpoint is disabled. */
export const FAILING_DAYS = 5;

/** Disables an endpoint that does not accept events, ends its deliveries, and notifies the administrators. */
export async function disableEndpoint(
  transaction: Transaction,
  queue: PgBoss,
  id: string,
  reason: 'failing' | 'gone',
): Promise<void> {
  const [disabled] = await transaction
    .update(webhookEndpoints)
    .set({ disabledAt: sql`now()`, disabledReason: reason })
    .where(and(eq(webhookEndpoints.id, id), isNull(webhookEndpoints.disabledAt)))
    .returning({ url: webhookEndpoints.url });
  if (!disabled) return;
  await endPendingDeliveries(transaction, id);
  for (const userId of await listAdministratorIds(transaction))
    await queueMessage(transaction, queue, { kind: 'webhook_disabled', webhookEndpointId: id, userId });
  recordAuditEvent(transaction, 'webhook_endpoint.disabled', {
    userId: null,
    details: { ...describeEndpoint({ id, url: disabled.url }), reason },
  });
}
