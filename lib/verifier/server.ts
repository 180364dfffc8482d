import type { IncomingMessage } from 'node:http';
import { parseRequestTarget } from '#lib/platform/http/request-target.ts';
import { log } from '#lib/platform/log.ts';
import { HttpServer } from './http-server.ts';
import { Metrics, type TextMetrics } from './metrics.ts';
import { OPENAPI_DOCUMENT } from './openapi.ts';
import {
  createInvalidKeyResponse,
  createTextResponse,
  createValidKeyResponse,
  formatJson,
  HEALTHY_RESPONSE,
  type HttpResponse,
  METHOD_NOT_ALLOWED_RESPONSE,
  NOT_FOUND_RESPONSE,
  UNAVAILABLE_RESPONSE,
} from './responses.ts';
import { VERIFIER_TIMING, type VerifierTiming } from './timing.ts';
import { Verification } from './verification.ts';
import { NO_PARAMETERS, parseVerifyParameters } from './verify-parameters.ts';
import { sharePoolMetrics } from './worker-pool.ts';

export type VerifierOptions = {
  /** 0: any free port. */
  port: number;
  host: string;
  /** For usage counts and rate limits. May be unreachable at the start: responses are 503 until it is available. */
  databaseUrl: string;
  /** The database for key lookups, if it is not `databaseUrl`: a synchronous standby. */
  lookupDatabaseUrl?: string;
  organisationName: string;
  apiKeyTag: string;
  /** For accounts without a limit of their own. Null or undefined: no limit. */
  requestsPerMinute?: number | null;
  /** How many different unknown keys an IP address may try per minute. Undefined: no limit. */
  unknownKeysPerMinute?: number;
  /** How many proxies in front add to X-Forwarded-For. */
  verifierTrustedProxies?: number;
  /** Whether this process is a worker of a `WorkerPool`, whose metrics are then those of all workers. */
  isPoolWorker?: boolean;
  /** Shorter timeouts and intervals, for tests. */
  timing?: Partial<VerifierTiming>;
};

export type Verifier = { port: number; close(): Promise<void> };

type Context = {
  verification: Verification<HttpResponse>;
  collectMetrics(): Promise<TextMetrics>;
  isStopping(): boolean;
};
type Reply = (response: HttpResponse) => void;

/** Replies whether the verifier can serve requests: the database responds, and the verifier is not stopping. */
function replyWithReadiness({ verification, isStopping }: Context, reply: Reply): void {
  if (isStopping()) reply(UNAVAILABLE_RESPONSE);
  else verification.checkReadiness((isReady) => reply(isReady ? HEALTHY_RESPONSE : UNAVAILABLE_RESPONSE));
}

function replyWithMetrics({ collectMetrics }: Context, reply: Reply): void {
  collectMetrics().then(
    ({ mediaType, text }) => reply(createTextResponse(mediaType, text)),
    (error) => {
      log.error('verifier.metrics_failed', error);
      reply(UNAVAILABLE_RESPONSE);
    },
  );
}

const OPENAPI_RESPONSE = createTextResponse('application/json', formatJson(OPENAPI_DOCUMENT));

/** Endpoints that accept only GET and HEAD, by path. */
const ENDPOINTS: Record<string, (context: Context, reply: Reply) => void> = {
  '/healthz': (_, reply) => reply(HEALTHY_RESPONSE),
  '/readyz': replyWithReadiness,
  '/metrics': replyWithMetrics,
  '/openapi.json': (_, reply) => reply(OPENAPI_RESPONSE),
};

function routeRequest(request: IncomingMessage, context: Context, reply: Reply): void {
  const { url = '', method } = request;
  // Parse only if necessary: most requests have no query string.
  if (url === '/verify') {
    context.verification.verify(request, NO_PARAMETERS, reply);
    return;
  }
  const target = parseRequestTarget(url).path;
  const path = target.split('?', 1)[0] ?? '';
  if (path === '/verify')
    context.verification.verify(request, parseVerifyParameters(target.slice(path.length + 1)), reply);
  else if (!Object.hasOwn(ENDPOINTS, path)) reply(NOT_FOUND_RESPONSE);
  else if (method !== 'GET' && method !== 'HEAD') reply(METHOD_NOT_ALLOWED_RESPONSE);
  else ENDPOINTS[path]?.(context, reply);
}

/**
 * Starts the verifier (docs/reference/verifier.md).
 *
 * `close` accepts no more connections, completes pending requests and writes the last usage counts. It takes at most
 * `shutdownTimeoutMs` and `finalFlushTimeoutMs` together: by default 10 seconds. A flush that hangs may add 2.5 seconds.
 * @throws if the port is not available
 */
export async function startVerifier(options: VerifierOptions): Promise<Verifier> {
  const { databaseUrl, apiKeyTag } = options;
  const timing = { ...VERIFIER_TIMING, ...options.timing };
  const metrics = new Metrics({ queueLength: () => verification.queueLength });
  const verification = new Verification({
    databaseUrl,
    lookupDatabaseUrl: options.lookupDatabaseUrl ?? databaseUrl,
    apiKeyTag,
    requestsPerMinute: options.requestsPerMinute ?? null,
    unknownKeysPerMinute: options.unknownKeysPerMinute ?? Number.POSITIVE_INFINITY,
    trustedProxies: options.verifierTrustedProxies ?? 0,
    invalidKeyResponse: createInvalidKeyResponse(options.organisationName),
    createAllowed: createValidKeyResponse,
    metrics,
    timing,
  });
  const collectMetrics = options.isPoolWorker
    ? sharePoolMetrics(() => metrics.read())
    : () => metrics.collect();
  const context = { verification, collectMetrics, isStopping: () => server.isStopping };
  const server = new HttpServer((request, reply) => {
    try {
      routeRequest(request, context, reply);
    } catch (error) {
      log.error('verifier.request_failed', error);
      reply(UNAVAILABLE_RESPONSE);
    }
  }, timing);
  try {
    const port = await server.listen(options.port, options.host);
    return { port, close: () => server.stop().then(() => verification.close()) };
  } catch (error) {
    await verification.close();
    throw error;
  }
}
