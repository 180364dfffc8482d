import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import {
  type HttpResponse,
  MALFORMED,
  NOT_ALLOWED,
  rawResponse,
  send,
  TOO_LARGE,
  TOO_SLOW,
} from './responses.ts';
import { VERIFIER_TIMING, type VerifierTiming } from './timing.ts';

/** A gateway passes its client's headers on, cookies and all. */
const MOST_HEADER_BYTES = 16_384;
/** For a whole request. A body is thrown away as it comes, and the connection with it once this is over. */
const LONGEST_REQUEST_MS = 10_000;
/** Longer than gateways keep theirs (nginx: 60 s), so that the gateway is the one to hang up. */
const KEEP_ALIVE_MS = 75_000;
/** More are refused, so that no client can use up the process's descriptors. docs/settings.md states it. */
const MAX_CONNECTIONS = 4_000;

type Reply = (answer: HttpResponse) => void;
type Respond = (request: IncomingMessage, reply: Reply) => void;

/** A small HTTP server: any method, bodies ignored, whatever is malformed refused without a trace of it. */
export class HttpServer {
  #server: Server;
  #respond: Respond;
  /** How many requests of each connection are not answered yet. */
  #unanswered = new WeakMap<Socket, { count: number }>();
  #isStopping = false;
  #timing: VerifierTiming;

  /** @param respond answers a request by calling `reply` (only the first call counts); must not throw */
  constructor(respond: Respond, timing: VerifierTiming = VERIFIER_TIMING) {
    this.#respond = respond;
    this.#timing = timing;
    this.#server = createServer({
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: LONGEST_REQUEST_MS,
      requestTimeout: LONGEST_REQUEST_MS,
      connectionsCheckingInterval: 2_000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requireHostHeader: false,
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    // Else Node hides headers after the thousandth, and with them a second credential.
    this.#server.maxHeadersCount = 0;
    // Nothing listens for `upgrade`: Node.js would hand over the socket and forget it. So an upgrade is answered as HTTP.
    this.#server.on('request', (request, response) => this.#answer(request, response));
    // The body that is being announced is not wanted: the answer comes at once, and ends the connection.
    for (const event of ['checkContinue', 'checkExpectation']) {
      this.#server.on(event, (request: IncomingMessage, response: ServerResponse) => {
        response.shouldKeepAlive = false;
        this.#answer(request, response);
      });
    }
    this.#server.on('connect', (_request, socket) => refuse(socket as Socket, NOT_ALLOWED));
    this.#server.on('clientError', (error: Error & { code?: string }, socket) => {
      // Another answer is owed first, and would be taken for this one.
      if (this.#unanswered.get(socket as Socket)?.count) socket.destroy();
      else refuse(socket as Socket, answerToError(error.code));
    });
  }

  /** Whether the last requests are being answered. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** @returns the port @throws where it cannot be listened on */
  async listen(port: number, host: string): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Takes no more connections, and answers every request that comes on those there are, with word that it was the
   * last. Whoever keeps a connection without using it is cut off after a second, all others after six.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const { lastRequestsMs, longestStopMs } = this.#timing;
    const closed = once(this.#server, 'close').then(() => true);
    const closesWithin = (milliseconds: number) => Promise.race([closed, delay(milliseconds, false)]);
    // Just after the event loop took what connections had come.
    await nextTurn();
    // Not the HTTP server's own `close`, which cuts off at once whoever is between two requests.
    NetServer.prototype.close.call(this.#server);
    if (await closesWithin(lastRequestsMs)) return;
    for (let waited = lastRequestsMs; waited < longestStopMs; waited += 100) {
      this.#server.closeIdleConnections();
      if (await closesWithin(100)) return;
    }
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const unanswered = this.#unansweredOn(request.socket);
    unanswered.count += 1;
    let isAnswered = false;
    this.#respond(request, (answer) => {
      if (isAnswered) return;
      isAnswered = true;
      unanswered.count -= 1;
      if (this.#isStopping) response.shouldKeepAlive = false;
      send(response, answer);
    });
  }

  #unansweredOn(socket: Socket): { count: number } {
    let unanswered = this.#unanswered.get(socket);
    if (!unanswered) {
      unanswered = { count: 0 };
      this.#unanswered.set(socket, unanswered);
    }
    return unanswered;
  }
}

function answerToError(code: string | undefined): HttpResponse {
  if (code === 'HPE_HEADER_OVERFLOW') return TOO_LARGE;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? TOO_SLOW : MALFORMED;
}

function refuse(socket: Socket, answer: HttpResponse): void {
  // Whoever is at the other end may have gone; there is nobody to tell then.
  socket.on('error', () => socket.destroy());
  if (socket.writable) socket.end(rawResponse(answer), () => socket.destroy());
  else socket.destroy();
}
