import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { onRequestAsyncHookHandler } from 'fastify';

type ApiAccount = { id: string; username: string; scopes: string[] };

const VERIFIER = process.env.STAGEDOOR_VERIFIER ?? 'http://127.0.0.1:3001/verify';
/** Slightly longer than the verifier's own timeout. */
const TIMEOUT_MS = 3_000;
const RATE_LIMIT_HEADERS = ['ratelimit', 'ratelimit-policy'];
const ERROR_HEADERS = [
  ...RATE_LIMIT_HEADERS,
  'cache-control',
  'content-type',
  'retry-after',
  'www-authenticate',
];

/** Returns the verifier's response with the headers that the client may see; 503 if it is missing or unexpected. */
async function verify(
  clientHeaders: Record<string, string | null | undefined>,
  requiredScope?: string,
): Promise<Response> {
  try {
    const url = new URL(VERIFIER);
    if (requiredScope !== undefined) url.searchParams.set('scope', requiredScope);
    const headers = new Headers();
    for (const [name, value] of Object.entries(clientHeaders)) if (value) headers.set(name, value);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { headers, redirect: 'error', signal });
    const body = await response.arrayBuffer();
    const isValid = response.status === 200 && response.headers.has('X-API-Account-Id');
    if (isValid || [401, 403, 429, 431, 503].includes(response.status)) {
      const allowed = isValid ? RATE_LIMIT_HEADERS : ERROR_HEADERS;
      const forwarded = [...response.headers].filter(([name]) => allowed.includes(name));
      return new Response(body, { status: response.status, headers: forwarded });
    }
  } catch {
    // The verifier is down or too slow. Fail closed: reject the request.
  }
  const title = 'The API key cannot be checked right now.';
  const problem = { type: 'urn:stagedoor:problem:unavailable', title, status: 503, code: 'unavailable' };
  const headers = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Retry-After': '1',
  };
  return Response.json(problem, { status: 503, headers });
}

/** Reads the account from the verifier's response to a valid key. */
async function readAccount(verification: Response): Promise<ApiAccount> {
  const { account, scopes } = await verification.json();
  return { ...account, scopes };
}

declare module 'fastify' {
  interface FastifyRequest {
    apiAccount: ApiAccount;
  }
  interface FastifyContextConfig {
    /** The scope that a route requires. */
    requiredScope?: string;
  }
}

/**
 * Rejects requests without a valid key, as an onRequest hook. The key's account is in `request.apiAccount`. Never read
 * it from a header, which every client can send. Add the hook for CORS before this one, because a browser sends a
 * preflight without the key. A route can require a scope: `{ config: { requiredScope: 'orders:read' } }`.
 */
export const checkApiKey: onRequestAsyncHookHandler = async (request, reply) => {
  const verification = await verify(
    {
      Authorization: request.headers.authorization,
      'X-API-Key': request.headers['x-api-key']?.toString(),
      'X-Forwarded-For': request.ip,
    },
    request.routeOptions.config.requiredScope,
  );
  reply.headers(Object.fromEntries(verification.headers));
  if (!verification.ok)
    return reply.code(verification.status).send(Buffer.from(await verification.arrayBuffer()));
  request.apiAccount = await readAccount(verification);
};

/**
 * Checks the key of a WebSocket handshake, which never reaches the middleware. Without a valid key, rejects the handshake,
 * closes the connection, and returns undefined. Call this in every listener of the server's `upgrade` event.
 * @param options.requiredScope the scope that the path requires; undefined: none
 * @param options.ipAddress the client's IP address, if the connection comes from a proxy
 */
export async function checkUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  options: { requiredScope?: string | undefined; ipAddress?: string } = {},
): Promise<ApiAccount | undefined> {
  // Without a listener, a client that disconnects would end the process.
  socket.on('error', () => socket.destroy());
  const verification = await verify(
    {
      Authorization: request.headers.authorization,
      'X-API-Key': request.headers['x-api-key']?.toString(),
      'X-Forwarded-For': options.ipAddress ?? request.socket.remoteAddress,
    },
    options.requiredScope,
  );
  if (verification.ok) return readAccount(verification);
  const { status } = verification;
  const body = await verification.text();
  const headers = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close'];
  for (const [name, value] of verification.headers) headers.push(`${name}: ${value}`);
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  return undefined;
}
