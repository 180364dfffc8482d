import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse } from '#lib/management-api/problems.ts';
import { deleteEndpoint, getEndpoint, updateEndpoint } from '#lib/management-api/webhook-operations.ts';
import { deleteWebhookEndpoint } from '#lib/webhooks/delete.ts';
import { updateWebhookEndpoint } from '#lib/webhooks/update.ts';
import { refuseWebhookChange } from '../refuse-webhook-change.ts';
import { respondWithEndpoint } from '../respond-with-endpoint.ts';

export const GET = handleOperation(getEndpoint, 'webhooks:write', async ({ database, actor, id }) =>
  respondWithEndpoint(database, actor, id),
);

export const PATCH = handleOperation(updateEndpoint, 'webhooks:write', async (call) => {
  const { database, actor, id, version, body } = call;
  const updated = await updateWebhookEndpoint(database, actor, { ...body, id, version });
  return updated.ok ? respondWithEndpoint(database, actor, id) : refuseWebhookChange(updated);
});

export const DELETE = handleOperation(deleteEndpoint, 'webhooks:write', async ({ database, actor, id }) => {
  const deleted = await deleteWebhookEndpoint(database, actor, { id });
  return deleted.ok ? { ok: true, body: undefined } : refuse('not_found');
});

export const { POST, PUT, OPTIONS } = refuseOtherMethods('GET', 'PATCH', 'DELETE');
