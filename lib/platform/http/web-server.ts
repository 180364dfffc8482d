import { randomBytes } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { logRefusal } from '#lib/platform/authorization/log-refusal.ts';
import type { Settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { hasPlainArguments, peekBody } from './action-body.ts';
import { clientAddress } from './client-address.ts';
import { isForwarded } from './outbox-access.ts';
import { type Problem, refuseRequest } from './refuse-request.ts';
import { cacheControl, contentSecurityPolicy, SECURITY_HEADERS } from './security-headers.ts';

/** More are refused, so that no client can use up the process's descriptors. docs/settings.md states it. */
const MAX_CONNECTIONS = 2_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
type Options = Pick<Settings, 'publicUrl' | 'trustedProxies'> & {
  /** Takes the connections on which the development server tells the browser what changed; development only. */
  developmentUpgrade?: Upgrade;
};

const newNonce = () => randomBytes(16).toString('base64');
const pathOf = (request: IncomingMessage) => (request.url ?? '/').split('?', 1)[0] ?? '/';

function headersFor(path: string, status: number, nonce: string, dev = false): OutgoingHttpHeaders {
  return {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': contentSecurityPolicy(nonce, dev),
    'Cache-Control': dev ? 'no-store' : cacheControl(path, status),
  };
}

/** Sets the headers at the last moment, over whatever Next.js has chosen, so that no response is without them. */
function guardResponse(
  response: ServerResponse,
  { headers, isLast }: { headers: (status: number) => OutgoingHttpHeaders; isLast: () => boolean },
): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    const given = rest.find((argument) => typeof argument === 'object');
    const own = { ...(given as OutgoingHttpHeaders | undefined), ...headers(status) };
    for (const [name, value] of Object.entries(own)) if (value !== undefined) response.setHeader(name, value);
    response.removeHeader('X-Powered-By');
    if (isLast()) response.shouldKeepAlive = false;
    return writeHead(status, ...rest.filter((argument) => typeof argument === 'string'));
  }) as ServerResponse['writeHead'];
}

function answerProblem(response: ServerResponse, { status, title, code }: Problem): void {
  response.writeHead(status, { 'Content-Type': 'application/problem+json', Connection: 'close' });
  response.end(JSON.stringify({ type: 'about:blank', title, status, code }));
}

/** What Next.js reads from request headers is set here, over whatever the client sent. */
function prepareRequest(request: IncomingMessage, nonce: string, trustedProxies: number): void {
  const { headers } = request;
  const forwardedFor = headers['x-forwarded-for'];
  headers['x-stagedoor-address'] = clientAddress(
    request.socket.remoteAddress,
    Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor,
    trustedProxies,
  );
  headers['x-stagedoor-direct'] = isForwarded(headers) ? '0' : '1';
  delete headers['x-middleware-subrequest'];
  if (trustedProxies === 0)
    for (const name of Object.keys(headers))
      if (name === 'forwarded' || name.startsWith('x-forwarded-')) delete headers[name];
  // Next.js compares an action's Origin with the host once more. Behind a proxy that host is an inner one; the
  // Origin, by now, has been found to be ours.
  if (headers.origin) headers['x-forwarded-host'] = URL.parse(headers.origin)?.host;
  headers['content-security-policy'] = contentSecurityPolicy(nonce);
  delete headers['content-security-policy-report-only'];
}

const MALFORMED_ARGUMENTS = {
  status: 400,
  title: 'The body of the request is malformed',
  code: 'malformed_body',
};

/** Refuses what is foreign, too large or malformed, and hands the rest to Next.js with a nonce and the client's address. */
function handleWith(
  handler: Handler,
  { publicUrl, trustedProxies, developmentUpgrade }: Options,
  isStopping: () => boolean,
): RequestListener {
  return (request, response) => {
    const nonce = newNonce();
    const path = pathOf(request);
    const { method = 'GET', headers } = request;
    // No other protocol is spoken here: an upgrade gets an ordinary response (RFC 9110, 7.8), its connection's last.
    const asksForUpgrade = headers.upgrade !== undefined;
    guardResponse(response, {
      headers: (status) => headersFor(path, status, nonce, Boolean(developmentUpgrade)),
      isLast: () => asksForUpgrade || isStopping(),
    });
    const refuse = (problem: Problem) => {
      logRefusal(problem.code, { userId: null });
      answerProblem(response, problem);
    };
    const handOn = () => {
      prepareRequest(request, nonce, trustedProxies);
      handler(request, response).catch((error: unknown) => {
        log.error('web.request_failed', error);
        if (response.headersSent) response.destroy();
        else answerProblem(response, { status: 500, title: 'Something went wrong', code: 'internal' });
      });
    };
    const problem = refuseRequest({ method, path, headers }, publicUrl);
    if (problem) return refuse(problem);
    if (path === '/healthz') return void response.end('ok\n');
    if (headers['next-action'] === undefined) return handOn();
    peekBody(request).then(
      (body) => (hasPlainArguments(body) ? handOn() : refuse(MALFORMED_ARGUMENTS)),
      () => response.destroy(),
    );
  };
}

const CLIENT_ERRORS: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers bytes that are not HTTP, and headers that are too large or too slow; then closes the connection. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = CLIENT_ERRORS[error.code ?? ''] ?? '400 Bad Request';
  const headers = { ...headersFor('/', 400, newNonce()), 'Content-Length': '0', Connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\n\r\n`);
  // A client that never closes its side must not keep the descriptor, or delay the stop.
  socket.destroySoon();
}

/**
 * Creates the web process's HTTP server, which puts our limits and headers around Next.js.
 *
 * In production, nothing may listen for its `upgrade` event: Node.js would then hand over the socket and forget it,
 * and Next.js drops such sockets without closing them.
 */
export function createWebServer(handler: Handler, options: Options): Server {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 20_000,
    // By default, Node.js looks for late requests every 30 seconds only.
    connectionsCheckingInterval: 2_000,
    // Longer than a proxy in front keeps its own, so that it never writes to a connection being closed.
    keepAliveTimeout: 75_000,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on(
    'request',
    handleWith(handler, options, () => !server.listening),
  );
  server.on('clientError', answerClientError);
  const { developmentUpgrade } = options;
  if (developmentUpgrade)
    server.on('upgrade', (request, socket, head) =>
      pathOf(request).startsWith('/_next/') ? developmentUpgrade(request, socket, head) : socket.destroy(),
    );
  return server;
}
