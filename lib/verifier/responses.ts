import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { RateLimitResult } from './account-rate-limiter.ts';
import type { Account } from './lookup.ts';
import { parseScopeList } from './scope-list.ts';

/** Headers of every response. A gateway that cached a response would delay a revocation. */
const COMMON_HEADERS = ['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'];
const RETRY_AFTER_SECONDS = '1';
/** Describes a current key without an end, which most keys are. */
const UNLIMITED_KEY = '{"status":"current","expiresAt":null}';
/** Matches printable ASCII without what has to be escaped in JSON or in `X-API-Account`: quotes, backslash, percent sign. */
const PLAIN_USERNAME = /^[ !#$&-[\]-~]*$/;

export type HttpResponse = {
  status: number;
  /** Alternating names and values. */
  headers: string[];
  /** ASCII only, so that its length in bytes is known, and Node.js need not encode it. */
  body: string;
};

function createResponse(
  status: number,
  mediaType: string,
  body: string,
  headers: string[] = [],
): HttpResponse {
  const length = String(body.length);
  const allHeaders = [...COMMON_HEADERS, ...headers, 'Content-Type', mediaType, 'Content-Length', length];
  return { status, headers: allHeaders, body };
}

/** Creates a problem details response (RFC 9457). */
function createProblem(status: number, code: string, title: string, headers: string[] = []): HttpResponse {
  const content = { type: `urn:stagedoor:problem:${code}`, title, status, code };
  return createResponse(status, 'application/problem+json', formatJson(content), headers);
}

/** Creates the response to the right key of an account that is not allowed. Gateways that drop the body read the header. */
function createForbiddenResponse(code: string, title: string, headers: string[] = []): HttpResponse {
  return createProblem(403, code, title, ['X-API-Problem', code, ...headers]);
}

/** Formats a quoted-string (RFC 9110). Removes diacritics and all characters that are not printable ASCII. */
function formatQuotedString(text: string): string {
  const ascii = text
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .trim();
  return `"${(ascii || 'API').replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * Encodes a username for `X-API-Account`: characters that are not printable ASCII become percent-encoded UTF-8.
 * So does the percent sign, so that decoding always restores the username.
 */
const encodeUsername = (username: string): string =>
  username.replace(/[^\x20-\x24\x26-\x7e]+/gu, (characters) => encodeURIComponent(characters));

/** Formats a value as JSON in ASCII. */
export const formatJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

export const HEALTHY_RESPONSE = createResponse(200, 'application/json', '{"status":"ok"}');
export const NOT_FOUND_RESPONSE = createProblem(404, 'not_found', 'This endpoint does not exist.');
export const METHOD_NOT_ALLOWED_RESPONSE = createProblem(
  405,
  'method_not_allowed',
  'Use GET or HEAD for this endpoint.',
  ['Allow', 'GET, HEAD'],
);
export const INACTIVE_ACCOUNT_RESPONSE = createForbiddenResponse(
  'inactive_account',
  'The API account is inactive.',
);
export const EXPIRED_ACCOUNT_RESPONSE = createForbiddenResponse(
  'expired_account',
  'The API account has expired.',
);
export const NETWORK_NOT_ALLOWED_RESPONSE = createForbiddenResponse(
  'network_not_allowed',
  'The API account is not allowed from this IP address.',
);
export const INSUFFICIENT_SCOPE_RESPONSE = createForbiddenResponse(
  'insufficient_scope',
  'The API account does not have a scope that this request requires.',
  ['WWW-Authenticate', 'Bearer error="insufficient_scope"'],
);
export const UNAVAILABLE_RESPONSE = createProblem(
  503,
  'unavailable',
  'The API key cannot be checked right now.',
  ['Retry-After', RETRY_AFTER_SECONDS],
);
export const MALFORMED_REQUEST_RESPONSE = createProblem(
  400,
  'malformed_request',
  'The request is not valid HTTP.',
);
export const REQUEST_TIMEOUT_RESPONSE = createProblem(
  408,
  'request_timeout',
  'The request took too long to arrive.',
);
export const HEADERS_TOO_LARGE_RESPONSE = createProblem(
  431,
  'headers_too_large',
  "The request's headers are too large.",
);

/** Creates the response to every invalid key. It is identical for all reasons, so it does not reveal the reason. */
export function createInvalidKeyResponse(organisationName: string): HttpResponse {
  const realm = formatQuotedString(organisationName);
  return createProblem(401, 'invalid_key', 'The API key is not valid.', [
    'WWW-Authenticate',
    `Basic realm=${realm}, charset="UTF-8"`,
    'WWW-Authenticate',
    `Bearer realm=${realm}`,
  ]);
}

/** Formats `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers-11). */
export function formatRateLimitHeaders({ limit, remaining, secondsUntilReset }: RateLimitResult): string[] {
  const policy = `"minute";q=${limit};w=60`;
  return ['RateLimit-Policy', policy, 'RateLimit', `"minute";r=${remaining};t=${secondsUntilReset}`];
}

/**
 * Creates the response to a valid key.
 * @param result null if the account has no limit
 */
export function createValidKeyResponse(
  { id, username, scopes: ownScopes, organisationScopes, isPreviousKey, keyExpiresAt }: Account,
  result: RateLimitResult | null,
): HttpResponse {
  const scopes = ownScopes ?? organisationScopes ?? '';
  const isPlain = PLAIN_USERNAME.test(username);
  const key =
    keyExpiresAt === null
      ? UNLIMITED_KEY
      : `{"status":"${isPreviousKey ? 'previous' : 'current'}","expiresAt":"${keyExpiresAt}"}`;
  const name = isPlain ? `"${username}"` : formatJson(username);
  // The database formats the id and the time, so they need no escaping.
  const body = `{"account":{"id":"${id}","username":${name}},"key":${key},"scopes":${parseScopeList(scopes).json}}`;
  const headers = ['X-API-Account-Id', id, 'X-API-Account', isPlain ? username : encodeUsername(username)];
  // Also if it is empty: otherwise, a gateway might pass on what the client sent.
  headers.push('X-API-Scopes', scopes);
  if (result) headers.push(...formatRateLimitHeaders(result));
  return createResponse(200, 'application/json', body, headers);
}

/** Creates the response to a valid key whose account has used up this minute's requests. */
export function createOverLimitResponse(result: RateLimitResult): HttpResponse {
  const headers = ['Retry-After', String(result.secondsUntilReset), ...formatRateLimitHeaders(result)];
  return createProblem(
    429,
    'too_many_requests',
    'The API account has reached its limit of requests per minute.',
    headers,
  );
}

/**
 * Creates the response to an unknown key of a client that has tried too many of them.
 * @param seconds how long the client must wait
 */
export function createTooManyUnknownKeysResponse(seconds: number): HttpResponse {
  const headers = ['Retry-After', String(seconds)];
  return createProblem(429, 'too_many_requests', 'Too many invalid keys were tried.', headers);
}

/**
 * Creates a response with metrics or the OpenAPI document.
 * @param text in ASCII
 */
export function createTextResponse(mediaType: string, text: string): HttpResponse {
  return createResponse(200, mediaType, text);
}

/** Sends a response. Node.js omits the body if the method is HEAD. */
export function sendResponse(serverResponse: ServerResponse, { status, headers, body }: HttpResponse): void {
  serverResponse.writeHead(status, headers).end(body, 'latin1');
}

/** Formats a response for a bare socket, which is all that Node.js passes on after invalid HTTP and for CONNECT. */
export function formatRawResponse({ status, headers, body }: HttpResponse): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close'];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    lines.push(`${headers[index]}: ${headers[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
