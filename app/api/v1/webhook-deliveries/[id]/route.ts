import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse } from '#lib/management-api/problems.ts';
import { getEndpointDelivery } from '#lib/management-api/webhook-operations.ts';
import { toAttempt, toWebhookDelivery } from '#lib/management-api/webhooks.ts';
import { readWebhookDelivery } from '#lib/webhooks/deliveries.ts';

export const GET = handleOperation(getEndpointDelivery, 'webhooks:write', async ({ database, actor, id }) => {
  const found = await readWebhookDelivery(database, actor, id);
  if (found.ok) {
    const attempts = found.attempts.map(toAttempt);
    return { ok: true, body: { ...toWebhookDelivery(found.delivery), attempts } };
  }
  if (found.reason === 'not_found') return refuse('not_found');
  const detail = `To read this event, the token needs the scope ${found.scope}.`;
  return refuse('insufficient_scope', { detail });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('GET');
