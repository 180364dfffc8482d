import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as waitForNextTurn } from 'node:timers/promises';
import {
  formatRawResponse,
  HEADERS_TOO_LARGE_RESPONSE,
  type HttpResponse,
  MALFORMED_REQUEST_RESPONSE,
  METHOD_NOT_ALLOWED_RESPONSE,
  REQUEST_TIMEOUT_RESPONSE,
  sendResponse,
} from './responses.ts';
import { VERIFIER_TIMING, type VerifierTiming } from './timing.ts';

/** Gateways forward their clients' headers, including large cookies. */
const MAX_HEADER_BYTES = 16_384;
/** Longer than gateways' own timeouts (nginx: 60 s), so that the gateway closes the connection first. */
const KEEP_ALIVE_MS = 75_000;
/** Stops one client from exhausting the process's file descriptors. Documented in docs/reference/settings.md. */
const MAX_CONNECTIONS = 4_000;

type Reply = (response: HttpResponse) => void;
type RequestHandler = (request: IncomingMessage, reply: Reply) => void;

/** A minimal HTTP server. Accepts any method except CONNECT, ignores bodies, and does not log malformed requests. */
export class HttpServer {
  #server: Server;
  #handle: RequestHandler;
  /** How many requests of each connection have no response yet. */
  #pending = new WeakMap<Socket, { count: number }>();
  #isStopping = false;
  #timing: VerifierTiming;

  /** @param handle responds by calling `reply` (only the first call counts); must not throw */
  constructor(
    handle: RequestHandler,
    timing: VerifierTiming = VERIFIER_TIMING,
    maxConnections: number = MAX_CONNECTIONS,
  ) {
    this.#handle = handle;
    this.#timing = timing;
    this.#server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: timing.requestTimeoutMs,
      requestTimeout: timing.requestTimeoutMs,
      connectionsCheckingInterval: timing.requestCheckIntervalMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requireHostHeader: false,
    });
    this.#server.maxConnections = maxConnections;
    // In a worker of a pool, Node.js would pass the connection from one full worker to the next without end.
    Object.assign(this.#server, { dropMaxConnection: true });
    // By default, Node.js drops headers after the 1,000th, and with them a second credential.
    this.#server.maxHeadersCount = 0;
    // Add no `upgrade` listener: Node.js would hand over the socket. Without one, an upgrade gets an HTTP response.
    this.#server.on('request', (request, response) => this.#handleRequest(request, response));
    // The client waits with the body until it gets `100 Continue`. Do not ask for it: respond, and close the connection.
    for (const event of ['checkContinue', 'checkExpectation']) {
      this.#server.on(event, (request: IncomingMessage, response: ServerResponse) => {
        response.shouldKeepAlive = false;
        this.#handleRequest(request, response);
      });
    }
    this.#server.on('connect', (_request, socket) =>
      refuseConnection(socket as Socket, METHOD_NOT_ALLOWED_RESPONSE),
    );
    this.#server.on('clientError', (error: Error & { code?: string }, socket) => {
      // If an earlier request of the connection is pending, the client would take this for the response to that request.
      if (this.#pending.get(socket as Socket)?.count) socket.destroy();
      else refuseConnection(socket as Socket, getErrorResponse(error.code));
    });
  }

  /** Whether `stop` was called. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /**
   * Starts to listen.
   * @returns the port
   * @throws if the port is not available
   */
  async listen(port: number, host: string): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Accepts no more connections, and responds to every request on the open ones with `Connection: close`.
   * Closes idle connections after `idleGracePeriodMs`, and all others after `shutdownTimeoutMs`.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const { idleGracePeriodMs, shutdownTimeoutMs } = this.#timing;
    const closed = once(this.#server, 'close').then(() => true);
    const isClosedWithin = (milliseconds: number) => Promise.race([closed, delay(milliseconds, false)]);
    // Let the event loop accept the connections that have already arrived.
    await waitForNextTurn();
    // Bypass `close` of `http.Server`, which closes idle keep-alive connections immediately.
    NetServer.prototype.close.call(this.#server);
    if (await isClosedWithin(idleGracePeriodMs)) return;
    for (let waited = idleGracePeriodMs; waited < shutdownTimeoutMs; waited += 100) {
      this.#server.closeIdleConnections();
      if (await isClosedWithin(100)) return;
    }
    this.#server.closeAllConnections();
    await closed;
  }

  #handleRequest(request: IncomingMessage, serverResponse: ServerResponse): void {
    const pending = this.#getPending(request.socket);
    pending.count += 1;
    let hasReplied = false;
    this.#handle(request, (response) => {
      if (hasReplied) return;
      hasReplied = true;
      pending.count -= 1;
      if (this.#isStopping) serverResponse.shouldKeepAlive = false;
      sendResponse(serverResponse, response);
    });
  }

  #getPending(socket: Socket): { count: number } {
    let pending = this.#pending.get(socket);
    if (!pending) {
      pending = { count: 0 };
      this.#pending.set(socket, pending);
    }
    return pending;
  }
}

function getErrorResponse(code: string | undefined): HttpResponse {
  if (code === 'HPE_HEADER_OVERFLOW') return HEADERS_TOO_LARGE_RESPONSE;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? REQUEST_TIMEOUT_RESPONSE : MALFORMED_REQUEST_RESPONSE;
}

function refuseConnection(socket: Socket, response: HttpResponse): void {
  // The client may have disconnected already.
  socket.on('error', () => socket.destroy());
  if (socket.writable) socket.end(formatRawResponse(response), () => socket.destroy());
  else socket.destroy();
}
