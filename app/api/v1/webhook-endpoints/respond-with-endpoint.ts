import type { Database } from '#db/client.ts';
import { type ApiRefusal, refuse } from '#lib/management-api/problems.ts';
import { toEndpoint } from '#lib/management-api/webhooks.ts';
import { readWebhookEndpoint, type WebhookReader } from '#lib/webhooks/list.ts';

type EndpointResponse = {
  ok: true;
  body: ReturnType<typeof toEndpoint>;
  headers: Record<string, string>;
};

/** Reads a webhook endpoint, and responds with it and its version, or that it does not exist. */
export async function respondWithEndpoint(
  database: Database,
  actor: WebhookReader,
  id: string,
): Promise<EndpointResponse | ApiRefusal> {
  const endpoint = await readWebhookEndpoint(database, actor, id);
  if (!endpoint) return refuse('not_found');
  return { ok: true, body: toEndpoint(endpoint), headers: { ETag: `"${endpoint.version}"` } };
}
