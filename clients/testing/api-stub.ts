import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** An account as the management API returns it. */
export type StubAccount = Record<string, unknown> & {
  id: string;
  username: string;
  active: boolean;
  version: number;
};
export type StubRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: unknown;
};
type StubResponse = { status: number; body?: unknown; headers?: Record<string, string> };

/** A webhook endpoint as the management API returns it. */
export type StubEndpoint = Record<string, unknown> & { id: string; url: string; version: number };
/** A webhook delivery as the management API returns it alone. */
export type StubWebhookDelivery = Record<string, unknown> & { id: string; endpointId: string; state: string };

/** A server that behaves as the management API should, with accounts in memory. */
export type ApiStub = {
  url: string;
  accounts: StubAccount[];
  auditEvents: Record<string, unknown>[];
  /** The key deliveries of accounts, by their id. */
  deliveries: Map<string, unknown[]>;
  endpoints: StubEndpoint[];
  webhookDeliveries: StubWebhookDelivery[];
  requests: StubRequest[];
  /** Called before each request is handled. */
  onRequest: (request: StubRequest) => void;
  /** Replaces the next response. */
  failNextWith(status: number, code: string, headers?: Record<string, string>): void;
  close(): Promise<void>;
};

/** Access tokens, with their scopes. */
export const TOKENS = {
  full: `stagetok${'F'.repeat(56)}`,
  auditOnly: `stagetok${'A'.repeat(56)}`,
  readOnly: `stagetok${'R'.repeat(56)}`,
};
const SCOPES: Record<string, string[]> = {
  [TOKENS.full]: ['accounts:read', 'accounts:write', 'audit:read', 'webhooks:write'],
  [TOKENS.auditOnly]: ['audit:read'],
  [TOKENS.readOnly]: ['accounts:read'],
};
const PAGE_SIZE = 2;
const ACCOUNTS = '/api/v1/api-accounts';
const WEBHOOKS = '/api/v1/webhook-';

const createProblem = (status: number, code: string, extras: object = {}): StubResponse => ({
  status,
  body: { type: `urn:stagedoor:problem:${code}`, title: `Title of ${code}`, status, code, ...extras },
});
const NOT_FOUND = createProblem(404, 'not_found');

/** Creates an account in its initial state. */
export function createStubAccount(fields: { username: string } & Record<string, unknown>): StubAccount {
  const createdAt = '2026-11-30T10:00:00.000Z';
  const access = { requestsPerMinute: null, scopes: null, allowedNetworks: null, expiresAt: null, notes: '' };
  const times = { lastUsedAt: null, createdAt, updatedAt: createdAt };
  const contact = { email: 'it@example.com', phone: '+447400123456' };
  const state = { status: 'awaiting_collection', active: true, version: 1 };
  return { id: randomUUID(), ...contact, ...state, ...access, ...times, ...fields };
}

/** Creates a webhook endpoint in its initial state. */
export function createStubEndpoint(fields: { url: string } & Record<string, unknown>): StubEndpoint {
  const createdAt = '2026-11-30T10:00:00.000Z';
  const state = { enabled: true, disabledReason: null, disabledAt: null, failingSince: null, version: 1 };
  const times = { previousSecretExpiresAt: null, lastDeliveryAt: null, createdAt, updatedAt: createdAt };
  return { id: randomUUID(), description: '', eventTypes: ['api_key.reset'], ...state, ...times, ...fields };
}

/** Creates a webhook delivery with one attempt, which got a response. */
export function createStubWebhookDelivery(endpointId: string, status = 204): StubWebhookDelivery {
  const at = '2026-11-30T10:00:00.000Z';
  const request = { headers: {}, body: '{"type":"webhook.test"}' };
  const response = { status, headers: {}, body: status === 204 ? '' : 'No \u001b[31m' };
  const attempt = { id: randomUUID(), at, durationMs: 12, request, response, error: null };
  const state = status === 204 ? 'delivered' : 'failed';
  return {
    ...{ id: randomUUID(), endpointId, eventId: randomUUID(), type: 'webhook.test', state },
    ...{ createdAt: at, attemptCount: 1, nextAttemptAt: null, attempts: [attempt] },
  };
}

function respondWithPage(items: unknown[], query: URLSearchParams): StubResponse {
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Math.min(PAGE_SIZE, Number(query.get('limit') ?? PAGE_SIZE));
  const nextCursor = end < items.length ? String(end) : null;
  return { status: 200, body: { data: items.slice(start, end), nextCursor } };
}

class Handler {
  accounts: StubAccount[] = [];
  auditEvents: Record<string, unknown>[] = [];
  deliveries = new Map<string, unknown[]>();
  endpoints: StubEndpoint[] = [];
  webhookDeliveries: StubWebhookDelivery[] = [];
  #replayed = new Map<string, StubResponse>();

  handle(request: StubRequest): StubResponse {
    const { method, path, headers } = request;
    const scopes = SCOPES[headers.authorization?.replace('Bearer ', '') ?? ''];
    if (!scopes) return createProblem(401, 'invalid_token');
    const accountScope = `accounts:${method === 'GET' ? 'read' : 'write'}`;
    const otherScope = path.startsWith(WEBHOOKS) ? 'webhooks:write' : 'audit:read';
    const right = path.startsWith(ACCOUNTS) ? accountScope : otherScope;
    if (!scopes.includes(right)) return createProblem(403, 'insufficient_scope');
    if (method !== 'POST') return this.#route(request);
    const key = String(headers['idempotency-key']);
    const replayed = this.#replayed.get(key);
    if (replayed) return { ...replayed, headers: { 'Idempotent-Replayed': 'true' } };
    const response = this.#route(request);
    if (response.status < 300) this.#replayed.set(key, response);
    return response;
  }

  #route(request: StubRequest): StubResponse {
    const { method, path, query, headers, body } = request;
    if (path.startsWith(WEBHOOKS)) return this.#routeWebhooks(request);
    if (path === '/api/v1/audit-events') {
      const found = this.auditEvents.filter(({ action }) => (query.get('action') ?? action) === action);
      return respondWithPage(found, query);
    }
    if (path === ACCOUNTS) return method === 'POST' ? this.#create(body) : this.#list(query);
    const [, id, action] = /^\/api\/v1\/api-accounts\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
    const account = this.accounts.find((each) => each.id === id);
    if (!account) return NOT_FOUND;
    if (method === 'POST' && action === 'reset-key') return { status: 200, body: account };
    if (action === 'deliveries') {
      const data = this.deliveries.get(account.id) ?? [];
      return { status: 200, body: { data, nextCursor: null, oldKey: null, resend: null } };
    }
    if (method === 'GET') return { status: 200, body: account };
    if (method === 'DELETE') {
      this.accounts = this.accounts.filter((each) => each !== account);
      return { status: 204 };
    }
    if (headers['if-match'] !== `"${account.version}"`) return createProblem(412, 'version_mismatch');
    Object.assign(account, body, { version: account.version + 1 });
    return { status: 200, body: account };
  }

  #routeWebhooks({ method, path, query, headers, body }: StubRequest): StubResponse {
    const [, , , kind, id, action] = path.split('/');
    if (kind === 'webhook-deliveries') {
      const delivery = this.webhookDeliveries.find((each) => each.id === id);
      if (!delivery) return NOT_FOUND;
      if (action !== 'redeliver') return { status: 200, body: delivery };
      const sentAgain = createStubWebhookDelivery(delivery.endpointId);
      Object.assign(delivery, sentAgain, { id, attemptCount: 2 });
      return { status: 202, body: { deliveryId: id } };
    }
    if (id === undefined) {
      if (method === 'GET') return { status: 200, body: { data: this.endpoints, nextCursor: null } };
      const created = createStubEndpoint(body as { url: string });
      this.endpoints.push(created);
      return { status: 201, body: { ...created, secret: 'whsec_first' } };
    }
    const endpoint = this.endpoints.find((each) => each.id === id);
    if (!endpoint) return NOT_FOUND;
    if (action === 'rotate-secret')
      return { status: 200, body: { secret: 'whsec_second', previousSecretExpiresAt: null } };
    const deliveries = this.webhookDeliveries.filter(
      ({ endpointId, state }) => endpointId === id && state === (query.get('state') ?? state),
    );
    if (action === 'deliveries') return respondWithPage(deliveries, query);
    if (action === 'test') {
      const delivery = createStubWebhookDelivery(endpoint.id, endpoint.url.includes('broken') ? 500 : 204);
      this.webhookDeliveries.push(delivery);
      return { status: 202, body: { deliveryId: delivery.id } };
    }
    if (method === 'DELETE') {
      this.endpoints = this.endpoints.filter((each) => each !== endpoint);
      return { status: 204 };
    }
    if (method === 'GET') return { status: 200, body: endpoint };
    if (headers['if-match'] !== `"${endpoint.version}"`) return createProblem(412, 'version_mismatch');
    Object.assign(endpoint, body, { version: endpoint.version + 1 });
    return { status: 200, body: endpoint };
  }

  #list(query: URLSearchParams): StubResponse {
    const search = query.get('search')?.toLowerCase() ?? '';
    const status = query.get('status');
    const found = this.accounts.filter(
      (each) => each.username.toLowerCase().includes(search) && (!status || each.status === status),
    );
    return respondWithPage(found, query);
  }

  #create(body: unknown): StubResponse {
    const fields = body as { username: string; phone: string };
    const refuse = (pointer: string, detail: string) =>
      createProblem(422, 'invalid', { errors: [{ detail, pointer }] });
    if (!fields.phone.startsWith('+')) return refuse('#/phone', 'Enter a mobile number.');
    const isTaken = this.accounts.some(({ username }) => username === fields.username);
    if (isTaken) return refuse('#/username', 'This username is taken.');
    const account = createStubAccount(fields);
    this.accounts.push(account);
    return { status: 201, body: account };
  }
}

/** Starts a stub of the management API. */
export async function startApiStub(): Promise<ApiStub> {
  const handler = new Handler();
  const requests: StubRequest[] = [];
  let failure: StubResponse | undefined;
  const server = createServer(async (incoming, response) => {
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? '', 'http://stub');
    const content = await text(incoming);
    const body = content ? JSON.parse(content) : undefined;
    const request = { method: incoming.method ?? '', path, query, headers: incoming.headers, body };
    requests.push(request);
    stub.onRequest(request);
    const result = failure ?? handler.handle(request);
    failure = undefined;
    const type = result.status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(result.status, {
      'Content-Type': type,
      'X-Request-Id': 'request-1',
      ...result.headers,
    });
    response.end(result.body === undefined ? undefined : JSON.stringify(result.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stub: ApiStub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get accounts() {
      return handler.accounts;
    },
    get auditEvents() {
      return handler.auditEvents;
    },
    deliveries: handler.deliveries,
    get endpoints() {
      return handler.endpoints;
    },
    get webhookDeliveries() {
      return handler.webhookDeliveries;
    },
    requests,
    onRequest: () => {},
    failNextWith(status, code, headers = {}) {
      failure = { ...createProblem(status, code), headers };
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return stub;
}
