import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Database } from '#db/client.ts';
import { QUEUES, type WebhookJob } from '#db/queues.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createWebhookEndpoint } from '#lib/webhooks/create.ts';
import { deliverWebhook } from '#lib/webhooks/deliver.ts';
import { dispatchWebhooks } from '#lib/webhooks/dispatch.ts';
import type { NewWebhookEndpoint } from '#lib/webhooks/schema.ts';

/** The settings with which webhooks are delivered to a `WebhookReceiver`. */
export const RECEIVER_SETTINGS = { STAGEDOOR_EMBEDDED: '1', WEBHOOK_ALLOW_PRIVATE: '1' };

export type ReceivedWebhook = {
  headers: IncomingHttpHeaders;
  body: string;
  id: string;
  type: string;
  data: Record<string, unknown> & { account?: Record<string, unknown> };
};

/** A local server that gets webhooks. */
export class WebhookReceiver implements Disposable {
  readonly received: ReceivedWebhook[] = [];
  /** Responds to a request; replaced in tests. */
  respond: (response: ServerResponse, webhook: ReceivedWebhook) => void = (response) =>
    response.writeHead(204).end();
  #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      const { headers } = request;
      const webhook = { headers, body, id: String(headers['webhook-id']), ...JSON.parse(body) };
      this.received.push(webhook);
      this.respond(response, webhook);
    });
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new WebhookReceiver(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`;
  }

  listTypes(): string[] {
    return this.received.map(({ type }) => type);
  }

  [Symbol.dispose](): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Returns whether a webhook has a valid signature, also if its time was simulated. */
export function isSignedWith(secret: string, { headers, body, id }: ReceivedWebhook): boolean {
  const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
  const expected = new Webhook(secret).sign(id, at, body);
  return String(headers['webhook-signature']).split(' ').includes(expected);
}

/** Creates an endpoint; returns its id and its secret. */
export async function createTestEndpoint(
  database: Database,
  administrator: Administrator,
  endpoint: Partial<NewWebhookEndpoint> & { url: string },
): Promise<{ id: string; secret: string }> {
  const fields: NewWebhookEndpoint = { description: '', eventTypes: ['api_account.updated'], ...endpoint };
  const result = await createWebhookEndpoint(database, administrator, fields);
  if (!result.ok) throw new Error(result.reason);
  return result;
}

/** Does what a worker does until nothing is due. Returns the number of attempts. */
export async function deliverDueWebhooks(database: Database, deadlineMs?: number): Promise<number> {
  const queue = await getQueue(database.$client);
  for (let attempts = 0; ; ) {
    await dispatchWebhooks(database, queue);
    const jobs = await queue.fetch<WebhookJob>(QUEUES.webhooks, { batchSize: 100 });
    if (jobs.length === 0) return attempts;
    await Promise.all(jobs.map(({ data }) => deliverWebhook(database, queue, data.deliveryId, deadlineMs)));
    const ids = jobs.map(({ id }) => id);
    await queue.complete(QUEUES.webhooks, ids);
    attempts += jobs.length;
  }
}
