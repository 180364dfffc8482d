import type { IncomingMessage } from 'node:http';
import { log } from '#lib/platform/log.ts';
import { DESCRIPTION } from './description.ts';
import { HttpServer } from './http-server.ts';
import {
  document,
  HEALTHY,
  type HttpResponse,
  invalidKey,
  NOT_ALLOWED,
  NOT_FOUND,
  UNAVAILABLE,
} from './responses.ts';
import { VERIFIER_TIMING, type VerifierTiming } from './timing.ts';
import { Verification } from './verification.ts';

export type VerifierOptions = {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Where uses are counted and limits kept. It may be away: until it is there, answers are 503. */
  databaseUrl: string;
  /** Where keys are looked up, if elsewhere: a standby that is never behind. */
  lookupDatabaseUrl?: string;
  organisationName: string;
  apiKeyTag: string;
  /** For accounts without a limit of their own; null, or left out: no limit. */
  requestsPerMinute?: number | null;
  /** How many different unknown keys an address may try in a minute. Left out: no limit. */
  unknownKeysPerMinute?: number;
  /** How many proxies in front add to X-Forwarded-For. */
  verifierTrustedProxies?: number;
  /** Shorter limits and intervals, for tests. */
  timing?: Partial<VerifierTiming>;
};

export type Verifier = { port: number; close(): Promise<void> };

type Context = { verification: Verification; isStopping(): boolean };
type Reply = (answer: HttpResponse) => void;

/** Whether requests had better come here: the database answers, and this is not about to end. */
function answerReadiness({ verification, isStopping }: Context, reply: Reply): void {
  if (isStopping()) reply(UNAVAILABLE);
  else verification.probe((isReady) => reply(isReady ? HEALTHY : UNAVAILABLE));
}

function answerMetrics({ verification }: Context, reply: Reply): void {
  verification.metrics.read().then(
    ({ type, text }) => reply(document(type, text)),
    (error) => {
      log.error('verifier.metrics', error);
      reply(UNAVAILABLE);
    },
  );
}

const OPENAPI = document('application/json', JSON.stringify(DESCRIPTION));

/** What is read with GET, by path. */
const PAGES: Record<string, (context: Context, reply: Reply) => void> = {
  '/healthz': (_, reply) => reply(HEALTHY),
  '/readyz': answerReadiness,
  '/metrics': answerMetrics,
  '/openapi.json': (_, reply) => reply(OPENAPI),
};

function route(request: IncomingMessage, context: Context, reply: Reply): void {
  const { url = '', method } = request;
  // Most requests have no query string.
  const path = url === '/verify' ? url : (url.split('?', 1)[0] ?? '');
  if (path === '/verify') context.verification.verify(request, reply);
  else if (!Object.hasOwn(PAGES, path)) reply(NOT_FOUND);
  else if (method !== 'GET' && method !== 'HEAD') reply(NOT_ALLOWED);
  else PAGES[path]?.(context, reply);
}

/**
 * Starts the verifier: `/verify` and the rest of docs/verifier.md.
 *
 * `close` takes no more connections, answers what is under way, and writes down the last uses: 10 seconds at most.
 * @throws where the port cannot be listened on
 */
export async function startVerifier(options: VerifierOptions): Promise<Verifier> {
  const { databaseUrl, apiKeyTag } = options;
  const timing = { ...VERIFIER_TIMING, ...options.timing };
  const verification = new Verification({
    databaseUrl,
    lookupDatabaseUrl: options.lookupDatabaseUrl ?? databaseUrl,
    apiKeyTag,
    requestsPerMinute: options.requestsPerMinute ?? null,
    unknownKeysPerMinute: options.unknownKeysPerMinute ?? Number.POSITIVE_INFINITY,
    trustedProxies: options.verifierTrustedProxies ?? 0,
    invalid: invalidKey(options.organisationName),
    timing,
  });
  const context = { verification, isStopping: () => server.isStopping };
  const server = new HttpServer((request, reply) => {
    try {
      route(request, context, reply);
    } catch (error) {
      log.error('verifier.request', error);
      reply(UNAVAILABLE);
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
