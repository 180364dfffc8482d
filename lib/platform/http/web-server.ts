import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type OutgoingHttpHeaders, Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createRefusalLog } from '#lib/platform/authorization/log-refusal.ts';
import type { Settings } from '#lib/platform/config/settings.ts';
import { hasPlainArguments } from './action-body.ts';
import { resolveClientIpAddress } from './client-ip-address.ts';
import { ClientQueue, type ClientQueueLimits } from './client-queue.ts';
import { ConnectionLimit } from './connection-limit.ts';
import { getIpAddressBlock } from './ip-address.ts';
import { logWebError } from './log-web-error.ts';
import { isForwarded } from './outbox-access.ts';
import { getMaxBodyBytes, MAX_BODY_BYTES, type Problem, refuseRequest, TOO_LARGE } from './refuse-request.ts';
import { declareLength, peekBody } from './request-body.ts';
import { parseRequestTarget } from './request-target.ts';
import { buildContentSecurityPolicy, getCacheControl, SECURITY_HEADERS } from './security-headers.ts';

/** Documented in docs/reference/settings.md. */
const LIMITS = {
  maxConnections: 2_000,
  /** How many requests of one connection may have no response yet. Browsers and most proxies send one at a time. */
  maxPipelined: 4,
  /** How many requests with a body above 64 KB may be open, of all clients. They are held in memory. */
  maxLargeBodies: 20,
  /** Browsers load a page with 6 connections. Even 10 concurrent requests leave the process time for other clients. */
  clientQueue: { maxRunning: 10, maxWaiting: 500, maxWaitMs: 10_000 } satisfies ClientQueueLimits,
  /** The time for a request's headers and body to arrive. */
  requestTimeoutMs: 10_000,
  /** How long a connection with an open request may transfer nothing, in either direction. */
  stallTimeoutMs: 60_000,
  /** How long a request may go on after its client has disconnected. Longer than a query of the database may take. */
  abandonTimeoutMs: 20_000,
  /** How often Node.js checks for slow requests. Its default is every 30 seconds. */
  checkIntervalMs: 1_000,
  /** How long a stop waits for requests on connections without one, which may just be arriving. */
  idleGracePeriodMs: 500,
  /** How long a stop waits for open requests. */
  drainTimeoutMs: 10_000,
};

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
type WebServerOptions = Pick<Settings, 'publicUrl' | 'trustedProxies'> & {
  /** Handles the development server's WebSocket connections. Only in development. */
  developmentUpgrade?: UpgradeHandler;
  /** Returns the id of the session that a Cookie header contains, without asking the database; null if there is none. */
  findSessionId?(cookies: string | undefined): Promise<string | null>;
  /** Validates the header `Next-Router-State-Tree`. */
  isRouterState?(header: string): boolean;
  /** Other limits, for tests. */
  limits?: Partial<typeof LIMITS>;
};

/** Matches the paths of the build's files, and none that Next.js could resolve to a page. */
const STATIC_FILE = /^\/_next\/static\/(?!.*(?:\.\.|%2[eEfF]|%5[cC]|\\))/;

const createNonce = () => randomBytes(16).toString('base64');
const getPath = (request: IncomingMessage) => (request.url ?? '/').split('?', 1)[0] ?? '/';

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

function sendProblem(response: ServerResponse, { status, title, code, retryAfterSeconds }: Problem): void {
  response.writeHead(status, {
    'Content-Type': 'application/problem+json',
    Connection: 'close',
    ...(retryAfterSeconds ? { 'Retry-After': String(retryAfterSeconds) } : {}),
  });
  response.end(JSON.stringify({ type: 'about:blank', title, status, code }));
}

/** Sets the request headers that Next.js and the pages read, and overwrites those that the client sent. */
function prepareRequest(request: IncomingMessage, nonce: string, trustedProxies: number): void {
  const { headers } = request;
  headers['x-stagedoor-address'] = resolveClientIpAddress(request, trustedProxies);
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

const MALFORMED_BODY = { status: 400, title: 'The request body is malformed', code: 'malformed_body' };
const TOO_MANY_REQUESTS = {
  status: 429,
  title: 'Too many requests at the same time',
  code: 'too_many_requests',
  retryAfterSeconds: 1,
};
const INTERNAL_ERROR = { status: 500, title: 'Something went wrong', code: 'internal' };

/** Rewrites an absolute request target to origin form. Its host replaces that of the header (RFC 9112, 3.2.2). */
function rewriteToOriginForm(request: IncomingMessage): void {
  const { path, host } = parseRequestTarget(request.url ?? '/');
  if (host === undefined) return;
  request.url = path;
  request.headers.host = host;
}

/** Returns a signal that is aborted when the client disconnects before it has the whole response. */
function createDisconnectSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

/**
 * Makes a response emit `close` when its connection closes. Node.js 24.0 does not do so while an earlier request of the
 * connection has no response.
 */
function closeWithSocket(response: ServerResponse, socket: Socket): void {
  const close = () => {
    if (!response.closed) response.destroy().emit('close');
  };
  socket.once('close', close);
  response.once('close', () => socket.off('close', close));
}

/** Reports whether a body may have more bytes than those of most paths. */
const isLargeBody = ({ headers }: IncomingMessage, maxBytes: number): boolean =>
  maxBytes > MAX_BODY_BYTES &&
  (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES);

const STATUS_BY_ERROR_CODE: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/**
 * The web service's HTTP server. Adds limits and headers to Next.js.
 *
 * In production, it must have no `upgrade` listener: Node.js would hand the socket over to the listener, and Next.js
 * never closes such sockets.
 */
class WebServer extends Server {
  #handler: RequestHandler;
  #options: WebServerOptions;
  #limits: typeof LIMITS;
  #connections: ConnectionLimit;
  #queue: ClientQueue;
  #largeBodies = 0;
  #logRefusal = createRefusalLog();

  constructor(handler: RequestHandler, options: WebServerOptions) {
    const limits = { ...LIMITS, ...options.limits };
    super({
      headersTimeout: limits.requestTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      // Longer than the timeout of a proxy in front, so that the proxy never writes to a connection that is being closed.
      keepAliveTimeout: 75_000,
    });
    // By default, Node.js 24.0 drops headers after the 1,000th, and with them those that proxies append.
    this.maxHeadersCount = 0;
    // The development server may compile for minutes before it responds.
    if (!options.developmentUpgrade) this.timeout = limits.stallTimeoutMs;
    this.#handler = handler;
    this.#options = options;
    this.#limits = limits;
    this.#connections = new ConnectionLimit(this, limits.maxConnections);
    this.#queue = new ClientQueue(limits.clientQueue);
    for (const event of ['request', 'checkExpectation'])
      this.on(event, (request: IncomingMessage, response: ServerResponse) =>
        this.#receive(request, response),
      );
    this.on('clientError', (error, socket) => this.#handleClientError(error, socket as Socket));
    const { developmentUpgrade } = options;
    if (developmentUpgrade)
      this.on('upgrade', (request, socket, head) =>
        getPath(request).startsWith('/_next/') ? developmentUpgrade(request, socket, head) : socket.destroy(),
      );
  }

  /**
   * Accepts no more connections, and completes the open requests. Closes connections without a request after
   * `idleGracePeriodMs`, and all others after `drainTimeoutMs`.
   */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.close(resolve));
    // Node.js stops to check for slow requests, and takes a connection for active until it has sent its first request.
    const closeIdle = setInterval(() => this.#connections.closeIdle(), this.#limits.idleGracePeriodMs);
    const closeAll = setTimeout(() => this.closeAllConnections(), this.#limits.drainTimeoutMs);
    await closed;
    clearInterval(closeIdle);
    clearTimeout(closeAll);
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    // Each may hold a body in memory. After this, Node.js still emits the requests that have already arrived.
    if (this.#connections.countRequests(socket) >= this.#limits.maxPipelined) return void socket.destroy();
    closeWithSocket(response, socket);
    response.once('close', this.#connections.addRequest(request));
    this.#handle(request, response).catch((error: NodeJS.ErrnoException) => {
      // The client has disconnected.
      if (response.destroyed && error.code === 'ECONNRESET') return;
      logWebError('web.request_failed', error);
      if (response.headersSent) response.destroy();
      else sendProblem(response, INTERNAL_ERROR);
    });
  }

  /** Refuses foreign, large and malformed requests. Passes others to Next.js with a nonce and the client's IP address. */
  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { publicUrl, trustedProxies, developmentUpgrade, isRouterState } = this.#options;
    const nonce = createNonce();
    rewriteToOriginForm(request);
    const path = getPath(request);
    const { method = 'GET', headers } = request;
    // Upgrades are ignored (RFC 9110, section 7.8): the client gets an ordinary response, and the connection is closed.
    const requestsUpgrade = headers.upgrade !== undefined;
    enforceHeaders(response, {
      headers: (status) => buildResponseHeaders(path, status, nonce, Boolean(developmentUpgrade)),
      isLastOnConnection: () => requestsUpgrade || !this.listening,
    });
    const refuse = (problem: Problem) => {
      this.#logRefusal(problem.code, { userId: null });
      sendProblem(response, problem);
    };
    const problem = refuseRequest({ method, path, headers }, publicUrl, isRouterState);
    if (problem) return refuse(problem);
    if (path === '/healthz') return void response.end('ok\n');
    const disconnected = createDisconnectSignal(response);
    const maxBytes = getMaxBodyBytes(path);
    if (isLargeBody(request, maxBytes) && !this.#addLargeBody(response)) return refuse(TOO_MANY_REQUESTS);
    const peeked = await peekBody(request, maxBytes).catch(() => null);
    // The connection was closed, or has got a response from `#handleClientError`.
    if (!peeked) return void response.destroy();
    if (!peeked.ok) return refuse(TOO_LARGE);
    if (headers['next-action'] !== undefined && !hasPlainArguments(peeked.body.toString('utf8')))
      return refuse(MALFORMED_BODY);
    declareLength(request, peeked.body);
    prepareRequest(request, nonce, trustedProxies);
    const leave = await this.#enterQueue(request, path, disconnected);
    if (disconnected.aborted) return leave?.();
    if (!leave) return refuse(TOO_MANY_REQUESTS);
    await this.#run(request, response, leave);
  }

  /** Counts a request whose body may be large, until its response closes. Returns false if there are too many. */
  #addLargeBody(response: ServerResponse): boolean {
    if (this.#largeBodies >= this.#limits.maxLargeBodies) return false;
    this.#largeBodies += 1;
    response.once('close', () => {
      this.#largeBodies -= 1;
    });
    return true;
  }

  /**
   * Waits until the client may have another request run, before the database is asked anything. Clients are sessions, and
   * IP addresses of requests without one, so that other clients do not delay a user who shares their IP address.
   */
  async #enterQueue(
    { headers, socket }: IncomingMessage,
    path: string,
    disconnected: AbortSignal,
  ): Promise<(() => void) | null> {
    // Needs no database. Many users behind one IP address may load all files of a new version at the same time.
    if (STATIC_FILE.test(path)) return this.#connections.addRunning(socket);
    const sessionId = await this.#options.findSessionId?.(headers.cookie);
    const ipAddress = String(headers['x-stagedoor-address']);
    const client = sessionId ? `session ${sessionId}` : `IP address ${getIpAddressBlock(ipAddress)}`;
    const leave = await this.#queue.enter(client, disconnected);
    if (!leave) return null;
    const stopRunning = this.#connections.addRunning(socket);
    return () => {
      stopRunning();
      leave();
    };
  }

  /** Passes a request to Next.js. It counts as running until Next.js is done, even if the client disconnects earlier. */
  async #run(request: IncomingMessage, response: ServerResponse, leave: () => void): Promise<void> {
    let abandonTimer: NodeJS.Timeout | undefined;
    const closed = new Promise<void>((resolve) => {
      response.once('close', () => {
        // A request that Next.js never ends must not occupy its client's place forever.
        abandonTimer = setTimeout(leave, this.#limits.abandonTimeoutMs).unref();
        resolve();
      });
    });
    try {
      await this.#handler(request, response);
      // Next.js may still be sending the response.
      if (response.headersSent) await closed;
    } finally {
      clearTimeout(abandonTimer);
      leave();
    }
  }

  /** Responds to a request that Node.js could not parse or receive in time, and closes the connection. */
  #handleClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    // The client would take this for the response to an earlier request of the connection.
    if (error.code === 'ECONNRESET' || !socket.writable || this.#connections.owesResponse(socket))
      return void socket.destroy();
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
}

/** Creates the web service's HTTP server. */
export function createWebServer(handler: RequestHandler, options: WebServerOptions): WebServer {
  return new WebServer(handler, options);
}
