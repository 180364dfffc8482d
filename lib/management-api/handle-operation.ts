import { randomUUID } from 'node:crypto';
import { validate } from 'uuid';
import { createRateLimitHeaders } from '#lib/access-tokens/rate-limit.ts';
import { requireAccessToken, respondInvalidToken } from '#lib/access-tokens/require-access-token.ts';
import type { AccessTokenScope } from '#lib/platform/authorization/actor.ts';
import { AccessTokenEndedError } from '#lib/platform/authorization/actor-transaction.ts';
import { apiDatabase, publicDatabase } from '#lib/platform/database.ts';
import { logWebError } from '#lib/platform/http/log-web-error.ts';
import { runOnce, type StoredResponse } from './idempotency.ts';
import type { Call, Operation, Outcome } from './operation.ts';
import { type ApiRefusal, refuse, respondWithRefusal } from './problems.ts';
import { checkAccept, readBody, readIdempotencyKey, readQuery, readVersion } from './read-request.ts';

type RouteParams = Record<string, string | string[] | undefined>;
/** What Next.js passes to a route handler. Contrary to its types, a path without parameters has none. */
type RouteContext = { params: Promise<RouteParams | undefined> };
type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof METHODS)[number];

/** Returns the id of a request: the client's, if it is harmless in a log, or a new one. */
function getRequestId({ headers }: Request): string {
  const id = headers.get('x-request-id');
  return id !== null && /^[\w.-]{1,128}$/.test(id) ? id : randomUUID();
}

/** Adds the headers that all responses of the API have, and turns errors into problem details. */
async function finish(request: Request, respond: () => Promise<Response>): Promise<Response> {
  const requestId = getRequestId(request);
  const response = await respond().catch((error: unknown) => {
    if (error instanceof AccessTokenEndedError) return respondInvalidToken();
    logWebError('api.error', error, 'error', { requestId });
    return respondWithRefusal(refuse('unavailable', { retryAfterSeconds: 1 }));
  });
  response.headers.set('X-Request-Id', requestId);
  response.headers.set('Cache-Control', 'no-store');
  return response;
}

/** Formats what an operation responds. */
function toStoredResponse({ success }: Operation, body: unknown, headers = {}): StoredResponse {
  const type = success.body && { 'Content-Type': 'application/json' };
  return {
    status: success.status,
    headers: { ...type, ...headers },
    body: success.body ? JSON.stringify(body) : null,
  };
}

type Result = { ok: true; response: StoredResponse } | ApiRefusal;

/** Parses an authorised request, and carries it out. */
async function perform<Handled extends Operation>(
  operation: Handled,
  { request, params, actor }: { request: Request; params: RouteParams; actor: unknown },
  run: (call: Call<Handled>) => Promise<Outcome<Handled>>,
): Promise<Result> {
  const notAcceptable = checkAccept(request);
  if (notAcceptable) return notAcceptable;
  const id = String(params.id ?? '');
  if (operation.path.includes('{id}') && !validate(id)) return refuse('not_found');
  const query = readQuery(operation, request);
  if (!query.ok) return query;
  const version = readVersion(operation, request);
  if (!version.ok) return version;
  const key = readIdempotencyKey(operation, request);
  if (!key.ok) return key;
  const body = await readBody(operation, request);
  if (!body.ok) return body;
  const runWith = async (database: Call<Handled>['database']): Promise<Result> => {
    const call = {
      ...{ actor, database, id, query: query.value, version: version.value },
      ...{ ...body.value, headers: request.headers },
    };
    const outcome = await run(call as Call<Handled>);
    if (!outcome.ok) return outcome;
    return { ok: true, response: toStoredResponse(operation, outcome.body, outcome.headers) };
  };
  if (actor === null) return runWith(publicDatabase());
  if (key.value === null) return runWith(apiDatabase());
  const { accessTokenId } = actor as { accessTokenId: string };
  const idempotentRequest = {
    accessTokenId,
    authorization: request.headers.get('authorization') ?? '',
    key: key.value,
    method: request.method,
    path: new URL(request.url).pathname,
    body: body.value.bytes,
  };
  return runOnce(apiDatabase(), idempotentRequest, runWith);
}

/**
 * Creates the route handler of an operation. Before it runs, checks that the request has an access token with the scope,
 * and parses the request. Afterwards, a response has the headers of the API, and an error is a problem.
 * @param scope that of the operation, so that each route shows what it requires
 */
export function handleOperation<const Handled extends Operation>(
  operation: Handled,
  scope: Handled['scope'],
  run: (call: Call<Handled>) => Promise<Outcome<Handled>>,
): RouteHandler {
  return (request, context) =>
    finish(request, async () => {
      const access =
        scope === null
          ? null
          : await requireAccessToken(request, scope as AccessTokenScope, { database: apiDatabase() });
      if (access && !access.ok) return access.response;
      const params = (await context.params) ?? {};
      const result = await perform(operation, { request, params, actor: access?.actor ?? null }, run);
      const headers = access ? createRateLimitHeaders(access.rateLimit) : {};
      if (!result.ok) return respondWithRefusal(result, headers);
      const { status, body, headers: ownHeaders } = result.response;
      return new Response(body, { status, headers: { ...ownHeaders, ...headers } });
    });
}

/** Creates the handlers of the methods that a path does not have. They need no access token, because they do nothing. */
export function refuseOtherMethods(...allowed: Method[]): Record<Method | 'OPTIONS', RouteHandler> {
  const allow = ['OPTIONS', ...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].toSorted().join(', ');
  const refuseMethod: RouteHandler = (request) =>
    finish(request, async () => respondWithRefusal(refuse('method_not_allowed'), { Allow: allow }));
  // No CORS: browsers then refuse to send a request from a page of another site.
  const listMethods: RouteHandler = (request) =>
    finish(request, async () => new Response(null, { status: 204, headers: { Allow: allow } }));
  const refused = Object.fromEntries(METHODS.map((method) => [method, refuseMethod]));
  return { ...(refused as Record<Method, RouteHandler>), OPTIONS: listMethods };
}

/** Responds to a path that the API does not have. */
export const respondNotFound: RouteHandler = (request) =>
  finish(request, async () => respondWithRefusal(refuse('not_found')));
