import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse } from '#lib/management-api/problems.ts';
import { redeliver } from '#lib/management-api/webhook-operations.ts';
import { redeliverWebhook } from '#lib/webhooks/redeliver.ts';

const PROBLEMS = {
  not_found: 'not_found',
  disabled: 'endpoint_disabled',
  pending: 'delivery_pending',
} as const;

export const POST = handleOperation(redeliver, 'webhooks:write', async ({ database, actor, id }) => {
  const requested = await redeliverWebhook(database, actor, { id });
  return requested.ok ? { ok: true, body: { deliveryId: id } } : refuse(PROBLEMS[requested.reason]);
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('POST');
