import type { paths } from './api-paths.ts';
import { type ClientOptions, Transport } from './transport.ts';

export { ApiError, ConnectionError, type Problem, type RequestError, StagedoorError } from './errors.ts';
export type { ClientOptions, paths };

type Method = 'delete' | 'get' | 'patch' | 'post';
/** The paths that have an operation with this method. */
type PathWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];
/** An operation of the OpenAPI document. */
type Operation<M extends Method, P extends PathWith<M>> =
  paths[P] extends Record<M, infer Found> ? Found : never;
type QueryOf<O> = O extends { parameters: { query?: infer Query } } ? Exclude<Query, undefined> : never;
type BodyOf<O> = O extends { requestBody?: infer Body }
  ? Exclude<Body, undefined> extends { content: { 'application/json': infer Json } }
    ? Json
    : undefined
  : undefined;
type Content<R> = R extends { content: { 'application/json': infer Json } } ? Json : undefined;
type ResultOf<O> = O extends { responses: infer Responses }
  ? { [S in keyof Responses & (200 | 201 | 202 | 204)]: Content<Responses[S]> }[keyof Responses &
      (200 | 201 | 202 | 204)]
  : never;

export type RequestOptions = {
  /** Aborts the request, and no further attempt is made. */
  signal?: AbortSignal;
};
export type PostOptions = RequestOptions & {
  /**
   * Recognises a repeated request for 24 hours: Stagedoor then returns the first response and changes nothing. Default: a
   * random one. Give one of your own, such as the id of your order, so that a restarted script repeats nothing.
   */
  idempotencyKey?: string;
  /** Called if Stagedoor recognised the request, and so has returned an earlier response and changed nothing. */
  onReplay?: () => void;
};
type OperationRequest<O> = PostOptions & {
  /** The values of the path's parameters, such as `{id}`. */
  params?: Record<string, string>;
  query?: QueryOf<O>;
  body?: BodyOf<O>;
  /** The version that the resource must have, as `If-Match`. */
  version?: number;
};

const ACCOUNTS = '/api/v1/api-accounts';
const ACCOUNT = `${ACCOUNTS}/{id}` as const;
const AUDIT_EVENTS = '/api/v1/audit-events';
const ENDPOINTS = '/api/v1/webhook-endpoints';
const ENDPOINT = `${ENDPOINTS}/{id}` as const;
const WEBHOOK_DELIVERY = '/api/v1/webhook-deliveries/{id}';

/** An API account. Its key is never in a response. */
export type ApiAccount = ResultOf<Operation<'get', typeof ACCOUNT>>;
export type ApiAccountFilter = QueryOf<Operation<'get', typeof ACCOUNTS>>;
export type NewApiAccount = BodyOf<Operation<'post', typeof ACCOUNTS>>;
export type ApiAccountChanges = BodyOf<Operation<'patch', typeof ACCOUNT>>;
export type KeyReset = BodyOf<Operation<'post', `${typeof ACCOUNT}/reset-key`>>;
/** How an account was used. */
export type ApiAccountUsage = ResultOf<Operation<'get', `${typeof ACCOUNT}/usage`>>;
/** The key deliveries of an account. */
export type KeyDeliveries = ResultOf<Operation<'get', `${typeof ACCOUNT}/deliveries`>>;
export type Resend = BodyOf<Operation<'post', `${typeof ACCOUNT}/resend`>>;
export type AuditEventFilter = QueryOf<Operation<'get', typeof AUDIT_EVENTS>>;
export type AuditEvent = ResultOf<Operation<'get', typeof AUDIT_EVENTS>>['data'][number];

/** A webhook endpoint. Its signing secret is only in the results of `create` and `rotateSecret`. */
export type WebhookEndpoint = ResultOf<Operation<'get', typeof ENDPOINT>>;
export type NewWebhookEndpoint = BodyOf<Operation<'post', typeof ENDPOINTS>>;
export type WebhookEndpointChanges = BodyOf<Operation<'patch', typeof ENDPOINT>>;
export type WebhookSecretRotation = BodyOf<Operation<'post', `${typeof ENDPOINT}/rotate-secret`>>;
export type WebhookDeliveryFilter = QueryOf<Operation<'get', `${typeof ENDPOINT}/deliveries`>>;
export type WebhookDelivery = ResultOf<Operation<'get', `${typeof ENDPOINT}/deliveries`>>['data'][number];
/** A delivery with the request and the response of each attempt. */
export type WebhookDeliveryWithAttempts = ResultOf<Operation<'get', typeof WEBHOOK_DELIVERY>>;

type Page<Item> = { data: Item[]; nextCursor: string | null };

/** Inserts the parameters into a path, encoded. */
const fillPath = (path: string, params: Record<string, string>) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    // An empty id would make another path.
    if (!value) throw new TypeError(`The parameter ${name} of ${path} is missing.`);
    return encodeURIComponent(value);
  });

function formatQuery(query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null) parameters.append(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters}`;
}

/** Reads pages until the last one. */
async function* readPages<Item>(
  readPage: (cursor: string | undefined) => Promise<Page<Item>>,
  start: string | undefined,
): AsyncGenerator<Item, void, undefined> {
  for (let cursor = start; ; ) {
    const { data, nextCursor } = await readPage(cursor);
    yield* data;
    if (nextCursor === null) return;
    if (nextCursor === cursor) throw new Error('The server returned the same cursor twice.');
    cursor = nextCursor;
  }
}

/**
 * A client of Stagedoor's management API.
 *
 * Every POST has an Idempotency-Key. A request whose response is lost is repeated if that is safe. An error status throws
 * an `ApiError`, and a missing response a `ConnectionError`.
 */
export class StagedoorClient {
  readonly #transport: Transport;
  readonly apiAccounts: ApiAccounts;
  readonly auditEvents: AuditEvents;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly webhookDeliveries: WebhookDeliveries;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
    this.apiAccounts = new ApiAccounts(this);
    this.auditEvents = new AuditEvents(this);
    this.webhookEndpoints = new WebhookEndpoints(this);
    this.webhookDeliveries = new WebhookDeliveries(this);
  }

  /** Sends a request to any operation of the API, with the types of its OpenAPI document. */
  async request<M extends Method, P extends PathWith<M>>(
    method: M,
    path: P,
    {
      params = {},
      query,
      body,
      version,
      idempotencyKey,
      onReplay,
      signal,
    }: OperationRequest<Operation<M, P>> = {},
  ): Promise<ResultOf<Operation<M, P>>> {
    const headers: Record<string, string> = {};
    if (method === 'post') headers['Idempotency-Key'] = idempotencyKey ?? crypto.randomUUID();
    if (version !== undefined) headers['If-Match'] = `"${version}"`;
    const result = await this.#transport.send({
      method: method.toUpperCase(),
      path: fillPath(path, params) + formatQuery(query ?? {}),
      headers,
      body,
      signal,
      onHeaders: (received) => {
        if (received.get('Idempotent-Replayed') === 'true') onReplay?.();
      },
    });
    return result as ResultOf<Operation<M, P>>;
  }
}

class ApiAccounts {
  readonly #client: StagedoorClient;

  constructor(client: StagedoorClient) {
    this.#client = client;
  }

  /** Lists accounts. Reads the next page when the loop reaches it. */
  list(
    filter: ApiAccountFilter = {},
    options: RequestOptions = {},
  ): AsyncGenerator<ApiAccount, void, undefined> {
    return readPages(
      (cursor) => this.readPage(cursor ? { ...filter, cursor } : filter, options),
      filter.cursor,
    );
  }

  /** Reads one page of accounts. */
  readPage(filter: ApiAccountFilter = {}, options: RequestOptions = {}) {
    return this.#client.request('get', ACCOUNTS, { ...options, query: filter });
  }

  get(id: string, options: RequestOptions = {}): Promise<ApiAccount> {
    return this.#client.request('get', ACCOUNT, { ...options, params: { id } });
  }

  /** Returns how an account was used in the last 24 hours and 30 days. */
  usage(id: string, options: RequestOptions = {}): Promise<ApiAccountUsage> {
    return this.#client.request('get', `${ACCOUNT}/usage`, { ...options, params: { id } });
  }

  /** Returns the current key delivery and earlier ones, newest first. Poll it to follow a delivery. */
  deliveries(id: string, options: RequestOptions = {}): Promise<KeyDeliveries> {
    return this.#client.request('get', `${ACCOUNT}/deliveries`, { ...options, params: { id } });
  }

  /** Creates an account, and starts its key delivery. */
  create(account: NewApiAccount, options: PostOptions = {}): Promise<ApiAccount> {
    return this.#client.request('post', ACCOUNTS, { ...options, body: account });
  }

  /**
   * Changes an account, if it has not been changed since it was read.
   * @param account what `get` or `list` has returned
   * @throws an ApiError with status 412 if the account has another version now
   */
  update(
    { id, version }: Pick<ApiAccount, 'id' | 'version'>,
    changes: ApiAccountChanges,
    options: RequestOptions = {},
  ): Promise<ApiAccount> {
    return this.#client.request('patch', ACCOUNT, { ...options, params: { id }, body: changes, version });
  }

  async delete(id: string, options: RequestOptions = {}): Promise<void> {
    await this.#client.request('delete', ACCOUNT, { ...options, params: { id } });
  }

  /** Starts a new key delivery. By default, the old key stops working immediately. */
  resetKey(id: string, reset: KeyReset = {}, options: PostOptions = {}) {
    return this.#client.request('post', `${ACCOUNT}/reset-key`, { ...options, params: { id }, body: reset });
  }

  /** Sends the email, the text message or both of the current key delivery again. */
  resend(id: string, resend: Resend = {}, options: PostOptions = {}) {
    return this.#client.request('post', `${ACCOUNT}/resend`, { ...options, params: { id }, body: resend });
  }
}

class AuditEvents {
  readonly #client: StagedoorClient;

  constructor(client: StagedoorClient) {
    this.#client = client;
  }

  /** Lists audit events. Reads the next page when the loop reaches it. */
  list(
    filter: AuditEventFilter = {},
    options: RequestOptions = {},
  ): AsyncGenerator<AuditEvent, void, undefined> {
    const readPage = (cursor: string | undefined) =>
      this.#client.request('get', AUDIT_EVENTS, {
        ...options,
        query: cursor ? { ...filter, cursor } : filter,
      });
    return readPages(readPage, filter.cursor);
  }
}

class WebhookEndpoints {
  readonly #client: StagedoorClient;

  constructor(client: StagedoorClient) {
    this.#client = client;
  }

  /** Lists all endpoints. */
  async list(options: RequestOptions = {}): Promise<WebhookEndpoint[]> {
    return (await this.#client.request('get', ENDPOINTS, options)).data;
  }

  get(id: string, options: RequestOptions = {}): Promise<WebhookEndpoint> {
    return this.#client.request('get', ENDPOINT, { ...options, params: { id } });
  }

  /** Creates an endpoint. The result has its signing secret, which no other response contains. */
  create(endpoint: NewWebhookEndpoint, options: PostOptions = {}) {
    return this.#client.request('post', ENDPOINTS, { ...options, body: endpoint });
  }

  /**
   * Changes an endpoint, if it has not been changed since it was read.
   * @param endpoint what `get` or `list` has returned
   * @throws an ApiError with status 412 if the endpoint has another version now
   */
  update(
    { id, version }: Pick<WebhookEndpoint, 'id' | 'version'>,
    changes: WebhookEndpointChanges,
    options: RequestOptions = {},
  ): Promise<WebhookEndpoint> {
    return this.#client.request('patch', ENDPOINT, { ...options, params: { id }, body: changes, version });
  }

  async delete(id: string, options: RequestOptions = {}): Promise<void> {
    await this.#client.request('delete', ENDPOINT, { ...options, params: { id } });
  }

  /** Returns a new signing secret. By default, events are signed with the previous one, too, for 24 hours. */
  rotateSecret(id: string, rotation: WebhookSecretRotation = {}, options: PostOptions = {}) {
    const path = `${ENDPOINT}/rotate-secret` as const;
    return this.#client.request('post', path, { ...options, params: { id }, body: rotation });
  }

  /** Sends a test event. Read the delivery to see its result. */
  sendTestEvent(id: string, options: PostOptions = {}) {
    return this.#client.request('post', `${ENDPOINT}/test`, { ...options, params: { id } });
  }

  /** Lists the deliveries to an endpoint, newest first. Reads the next page when the loop reaches it. */
  deliveries(
    id: string,
    filter: WebhookDeliveryFilter = {},
    options: RequestOptions = {},
  ): AsyncGenerator<WebhookDelivery, void, undefined> {
    const readPage = (cursor: string | undefined) =>
      this.#client.request('get', `${ENDPOINT}/deliveries`, {
        ...options,
        params: { id },
        query: cursor ? { ...filter, cursor } : filter,
      });
    return readPages(readPage, filter.cursor);
  }
}

class WebhookDeliveries {
  readonly #client: StagedoorClient;

  constructor(client: StagedoorClient) {
    this.#client = client;
  }

  get(id: string, options: RequestOptions = {}): Promise<WebhookDeliveryWithAttempts> {
    return this.#client.request('get', WEBHOOK_DELIVERY, { ...options, params: { id } });
  }

  /** Sends the event again, with the same `webhook-id`. */
  redeliver(id: string, options: PostOptions = {}) {
    return this.#client.request('post', `${WEBHOOK_DELIVERY}/redeliver`, { ...options, params: { id } });
  }
}
