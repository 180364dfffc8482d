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
import { resolveClientIpAddress } from './client-ip-address.ts';
import { isForwarded } from './outbox-access.ts';
import { type Problem, refuseRequest } from './refuse-request.ts';
import { parseRequestTarget } from './request-target.ts';
import { buildContentSecurityPolicy, getCacheControl, SECURITY_HEADERS } from './security-headers.ts';

/** Stops one client from exhausting the process's file descriptors. Documented in docs/reference/settings.md. */
const MAX_CONNECTIONS = 2_000;

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
type WebServerOptions = Pick<Settings, 'publicUrl' | 'trustedProxies'> & {
  /** Handles the development server's WebSocket connections. Only in development. */
  developmentUpgrade?: UpgradeHandler;
};

const createNonce = () => randomBytes(16).toString('base64');
const getPath = (request: IncomingMessage) => (request.url ?? '/').split('?', 1)[0] ?? '/';

/** Rewrites an absolute request target to origin form. Its host replaces that of the header (RFC 9112, 3.2.2). */
function useOriginForm(request: IncomingMessage): void {
  const { path, host } = parseRequestTarget(request.url ?? '/');
  if (host === undefined) return;
  request.url = path;
  request.headers.host = host;
}

function buildResponseHeaders(
  path: string,
  status: number,
  nonce: string,
  isDevelopment = false,
): OutgoingHttpHeaders {
  return {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': buildContentSecurityPolicy(nonce, isDevelopment),
    'Cache-Control': isDevelopment ? 'no-store' : getCacheControl(path, status),
  };
}

/** Makes `writeHead` add headers, which overwrite those of Next.js, so that every response has them. */
function enforceHeaders(
  response: ServerResponse,
  {
    headers,
    isLastOnConnection,
  }: { headers: (status: number) => OutgoingHttpHeaders; isLastOnConnection: () => boolean },
): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    const passedHeaders = rest.find((argument) => typeof argument === 'object');
    const allHeaders = { ...(passedHeaders as OutgoingHttpHeaders | undefined), ...headers(status) };
    for (const [name, value] of Object.entries(allHeaders))
      if (value !== undefined) response.setHeader(name, value);
    response.removeHeader('X-Powered-By');
    if (isLastOnConnection()) response.shouldKeepAlive = false;
    return writeHead(status, ...rest.filter((argument) => typeof argument === 'string'));
  }) as ServerResponse['writeHead'];
}

function sendProblem(response: ServerResponse, { status, title, code }: Problem): void {
  response.writeHead(status, { 'Content-Type': 'application/problem+json', Connection: 'close' });
  response.end(JSON.stringify({ type: 'about:blank', title, status, code }));
}

/** Sets the request headers that Next.js and the pages read, and overwrites those that the client sent. */
function prepareRequest(request: IncomingMessage, nonce: string, trustedProxies: number): void {
  const { headers } = request;
  const forwardedFor = headers['x-forwarded-for'];
  headers['x-stagedoor-address'] = resolveClientIpAddress(
    request.socket.remoteAddress,
    Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor,
    trustedProxies,
  );
  headers['x-stagedoor-direct'] = isForwarded(headers) ? '0' : '1';
  delete headers['x-middleware-subrequest'];
  if (trustedProxies === 0)
    for (const name of Object.keys(headers))
      if (name === 'forwarded' || name.startsWith('x-forwarded-')) delete headers[name];
  // Next.js compares an action's Origin with the host again. Behind a proxy, that host is an internal one. `checkOrigin`
  // has already checked the Origin, so make the comparison succeed.
  if (headers.origin) headers['x-forwarded-host'] = URL.parse(headers.origin)?.host;
  // Next.js reads the nonce for its scripts from the policy in the request.
  headers['content-security-policy'] = buildContentSecurityPolicy(nonce);
  delete headers['content-security-policy-report-only'];
}

const MALFORMED_ARGUMENTS = {
  status: 400,
  title: 'The request body is malformed',
  code: 'malformed_body',
};

/** Refuses foreign, large and malformed requests. Passes others to Next.js with a nonce and the client's IP address. */
function createListener(
  handler: RequestHandler,
  { publicUrl, trustedProxies, developmentUpgrade }: WebServerOptions,
  isStopping: () => boolean,
): RequestListener {
  return (request, response) => {
    useOriginForm(request);
    const nonce = createNonce();
    const path = getPath(request);
    const { method = 'GET', headers } = request;
    // Upgrades are ignored (RFC 9110, section 7.8): the client gets an ordinary response, and the connection is closed.
    const requestsUpgrade = headers.upgrade !== undefined;
    enforceHeaders(response, {
      headers: (status) => buildResponseHeaders(path, status, nonce, Boolean(developmentUpgrade)),
      isLastOnConnection: () => requestsUpgrade || isStopping(),
    });
    const refuse = (problem: Problem) => {
      logRefusal(problem.code, { userId: null });
      sendProblem(response, problem);
    };
    const passOn = () => {
      prepareRequest(request, nonce, trustedProxies);
      handler(request, response).catch((error: unknown) => {
        log.error('web.request_failed', error);
        if (response.headersSent) response.destroy();
        else sendProblem(response, { status: 500, title: 'Something went wrong', code: 'internal' });
      });
    };
    const problem = refuseRequest({ method, path, headers }, publicUrl);
    if (problem) return refuse(problem);
    if (path === '/healthz') return void response.end('ok\n');
    if (headers['next-action'] === undefined) return passOn();
    peekBody(request).then(
      (body) => (hasPlainArguments(body) ? passOn() : refuse(MALFORMED_ARGUMENTS)),
      () => response.destroy(),
    );
  };
}

const STATUS_BY_ERROR_CODE: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Responds to a request that Node.js could not parse or receive in time, and closes the connection. */
function handleClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = STATUS_BY_ERROR_CODE[error.code ?? ''] ?? '400 Bad Request';
  const headers = {
    ...buildResponseHeaders('/', 400, createNonce()),
    'Content-Length': '0',
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\n\r\n`);
  // Do not wait for the client to close its side: that would keep the file descriptor and delay a shutdown.
  socket.destroySoon();
}

/**
 * Creates the web service's HTTP server, which adds limits and headers to Next.js.
 *
 * In production, it must have no `upgrade` listener: Node.js would hand the socket over to the listener, and Next.js
 * never closes such sockets.
 */
export function createWebServer(handler: RequestHandler, options: WebServerOptions): Server {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 20_000,
    // By default, Node.js checks for slow requests only every 30 seconds.
    connectionsCheckingInterval: 2_000,
    // Longer than the timeout of a proxy in front, so that the proxy never writes to a connection that is being closed.
    keepAliveTimeout: 75_000,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on(
    'request',
    createListener(handler, options, () => !server.listening),
  );
  server.on('clientError', handleClientError);
  const { developmentUpgrade } = options;
  if (developmentUpgrade)
    server.on('upgrade', (request, socket, head) =>
      getPath(request).startsWith('/_next/') ? developmentUpgrade(request, socket, head) : socket.destroy(),
    );
  return server;
}
