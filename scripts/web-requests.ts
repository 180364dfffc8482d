import { randomBytes } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { logRefusal } from '#lib/auth/log-refusal.ts';
import { clientAddress } from '#lib/client-addresses/client-address.ts';
import { log } from '#lib/log.ts';
import type { Settings } from '#lib/settings.ts';
import { type Problem, refuseRequest } from '#lib/web/refuse-request.ts';
import { cacheControl, contentSecurityPolicy, SECURITY_HEADERS } from '#lib/web/security-headers.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const newNonce = () => randomBytes(16).toString('base64');
const pathOf = (request: IncomingMessage) => (request.url ?? '/').split('?', 1)[0] ?? '/';

function headersFor(path: string, status: number, nonce: string): OutgoingHttpHeaders {
  return {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': contentSecurityPolicy(nonce),
    'Cache-Control': cacheControl(path, status),
  };
}

/** Puts the headers on at the last moment, over whatever Next.js has chosen: so no answer is without them. */
function guardResponse(
  path: string,
  response: ServerResponse,
  nonce: string,
  isStopping: () => boolean,
): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    const given = rest.find((argument) => typeof argument === 'object');
    const own = { ...(given as OutgoingHttpHeaders | undefined), ...headersFor(path, status, nonce) };
    for (const [name, value] of Object.entries(own)) if (value !== undefined) response.setHeader(name, value);
    response.removeHeader('X-Powered-By');
    if (isStopping()) response.shouldKeepAlive = false;
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

/**
 * The web process's listener: refuses what is foreign or too large, and hands the rest to Next.js with a nonce
 * and the client's address.
 * @param isStopping then each answer is the last of its connection
 */
export function handleWith(
  handler: Handler,
  { publicUrl, trustedProxies }: Pick<Settings, 'publicUrl' | 'trustedProxies'>,
  isStopping: () => boolean,
): RequestListener {
  return (request, response) => {
    const nonce = newNonce();
    const path = pathOf(request);
    guardResponse(path, response, nonce, isStopping);
    const { method = 'GET', headers } = request;
    const problem = refuseRequest({ method, path, headers }, publicUrl);
    if (problem) {
      logRefusal(problem.code, { userId: null });
      return answerProblem(response, problem);
    }
    if (path === '/healthz') return void response.end('ok\n');
    prepareRequest(request, nonce, trustedProxies);
    handler(request, response).catch((error: unknown) => {
      log.error('web.request_failed', error);
      if (response.headersSent) response.destroy();
      else answerProblem(response, { status: 500, title: 'Something went wrong', code: 'internal' });
    });
  };
}

/** For bytes that are no HTTP, or a head that is too large or too slow. */
export function answerBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const headers = { ...headersFor('/', 400, newNonce()), 'Content-Length': '0', Connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\n\r\n`);
}
