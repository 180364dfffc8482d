import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse } from '#lib/management-api/problems.ts';
import { listEndpointDeliveries } from '#lib/management-api/webhook-operations.ts';
import { toWebhookDelivery } from '#lib/management-api/webhooks.ts';
import { listWebhookDeliveries } from '#lib/webhooks/deliveries.ts';
import { readWebhookEndpoint } from '#lib/webhooks/list.ts';

export const GET = handleOperation(listEndpointDeliveries, 'webhooks:write', async (call) => {
  const { database, actor, id, query } = call;
  if (!(await readWebhookEndpoint(database, actor, id))) return refuse('not_found');
  const { data, nextCursor } = await listWebhookDeliveries(database, actor, { ...query, endpointId: id });
  return { ok: true, body: { data: data.map(toWebhookDelivery), nextCursor } };
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('GET');
