import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { RateLimitResult } from './account-rate-limiter.ts';
import type { Account } from './lookup.ts';

/** What every answer carries: a gateway that kept one would bring back the window between a revocation and its effect. */
const ALWAYS = ['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'];
const RETRY_AFTER_SECONDS = '1';
const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;

/** `headers`: names and values by turns. */
export type HttpResponse = { status: number; headers: string[]; body: string };

function answer(status: number, type: string, body: string, headers: string[] = []): HttpResponse {
  const length = String(Buffer.byteLength(body));
  return { status, headers: [...ALWAYS, ...headers, 'Content-Type', type, 'Content-Length', length], body };
}

/** RFC 9457. */
function problem(status: number, code: string, title: string, headers: string[] = []): HttpResponse {
  const content = { type: `urn:stagedoor:problem:${code}`, title, status, code };
  return answer(status, 'application/problem+json', JSON.stringify(content), headers);
}

/** A quoted-string of RFC 9110: printable ASCII; marks are taken off letters, other characters left out. */
function quote(text: string): string {
  const ascii = text
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .trim();
  return `"${(ascii || 'API').replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * A username as it stands in `X-API-Account`: whatever is not printable ASCII as percent-encoded UTF-8, and the
 * percent sign too, so that decoding always gives the username back.
 */
export function headerValue(username: string): string {
  return PLAIN.test(username)
    ? username
    : username.replace(/[^\x20-\x24\x26-\x7e]+/gu, (characters) => encodeURIComponent(characters));
}

export const HEALTHY = answer(200, 'application/json', '{"status":"ok"}');
export const NOT_FOUND = problem(404, 'not_found', 'There is nothing at this address.');
export const NOT_ALLOWED = problem(405, 'method_not_allowed', 'This address is read with GET.', [
  'Allow',
  'GET, HEAD',
]);
export const INACTIVE = problem(403, 'inactive_account', 'The API account is not active.');
export const UNAVAILABLE = problem(503, 'unavailable', 'The key cannot be checked at the moment.', [
  'Retry-After',
  RETRY_AFTER_SECONDS,
]);
export const MALFORMED = problem(400, 'malformed_request', 'This is not an HTTP request.');
export const TOO_SLOW = problem(408, 'request_timeout', 'The request took too long to arrive.');
export const TOO_LARGE = problem(431, 'headers_too_large', "The request's headers are too large.");

/** One answer for every key that is not good, whatever the reason: it tells nothing. RFC 9110, 11.6.1. */
export function invalidKey(organisationName: string): HttpResponse {
  const realm = quote(organisationName);
  return problem(401, 'invalid_key', 'The API key is not valid.', [
    'WWW-Authenticate',
    `Basic realm=${realm}, charset="UTF-8"`,
    'WWW-Authenticate',
    `Bearer realm=${realm}`,
  ]);
}

/** draft-ietf-httpapi-ratelimit-headers-11: the limit, what is left of it, and when a new minute begins. */
function rateLimit({ limit, left, seconds }: RateLimitResult): string[] {
  const policy = `"minute";q=${limit};w=60`;
  return ['RateLimit-Policy', policy, 'RateLimit', `"minute";r=${left};t=${seconds}`];
}

/** The key is good. */
export function verified({ id, username }: Account, verdict: RateLimitResult | null): HttpResponse {
  const headers = ['X-API-Account-Id', id, 'X-API-Account', headerValue(username)];
  if (verdict) headers.push(...rateLimit(verdict));
  // The id is the database's own: it needs no escaping.
  const body = `{"account":{"id":"${id}","username":${JSON.stringify(username)}}}`;
  return answer(200, 'application/json', body, headers);
}

/** The key is good, and its account has used up this minute's requests. */
export function overLimit(verdict: RateLimitResult): HttpResponse {
  const headers = ['Retry-After', String(verdict.seconds), ...rateLimit(verdict)];
  return problem(
    429,
    'too_many_requests',
    'The API account has used up its requests of this minute.',
    headers,
  );
}

/** The key is not good, and its sender has tried too many others. @param seconds until it may try again */
export function tooManyUnknownKeys(seconds: number): HttpResponse {
  const headers = ['Retry-After', String(seconds)];
  return problem(429, 'too_many_requests', 'Too many keys that are not valid were tried.', headers);
}

/** For Prometheus, and for those who read the description. */
export function document(type: string, text: string): HttpResponse {
  return answer(200, type, text);
}

/** Sends an answer. (Node leaves the body out where the method is HEAD.) */
export function send(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  response.writeHead(status, headers).end(body);
}

/** The bytes of an answer to what is no HTTP request, for the bare socket. */
export function rawResponse({ status, headers, body }: HttpResponse): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close'];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    lines.push(`${headers[index]}: ${headers[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
