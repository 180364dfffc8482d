import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse } from '#lib/management-api/problems.ts';
import { testEndpoint } from '#lib/management-api/webhook-operations.ts';
import { sendTestEvent } from '#lib/webhooks/test-event.ts';

export const POST = handleOperation(testEndpoint, 'webhooks:write', async ({ database, actor, id }) => {
  const sent = await sendTestEvent(database, actor, { id });
  return sent.ok ? { ok: true, body: { deliveryId: sent.deliveryId } } : refuse('not_found');
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('POST');
