import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { createEndpoint, listEndpoints } from '#lib/management-api/webhook-operations.ts';
import { toEndpoint } from '#lib/management-api/webhooks.ts';
import { createWebhookEndpoint } from '#lib/webhooks/create.ts';
import { listWebhookEndpoints } from '#lib/webhooks/list.ts';
import { refuseWebhookChange } from './refuse-webhook-change.ts';
import { respondWithEndpoint } from './respond-with-endpoint.ts';

export const GET = handleOperation(listEndpoints, 'webhooks:write', async ({ database, actor }) => {
  const endpoints = await listWebhookEndpoints(database, actor);
  return { ok: true, body: { data: endpoints.map(toEndpoint), nextCursor: null } };
});

export const POST = handleOperation(createEndpoint, 'webhooks:write', async ({ database, actor, body }) => {
  const created = await createWebhookEndpoint(database, actor, body);
  if (!created.ok) return refuseWebhookChange(created);
  const { id, secret } = created;
  const response = await respondWithEndpoint(database, actor, id);
  if (!response.ok) return response;
  const headers = { ...response.headers, Location: `/api/v1/webhook-endpoints/${id}` };
  return { ok: true, body: { ...response.body, secret }, headers };
});

export const { PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('GET', 'POST');
