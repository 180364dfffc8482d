import { checkOrigin } from './request-origin.ts';

/** The variable fields of a problem details response (RFC 9457), and the Retry-After header. */
export type Problem = { status: number; title: string; code: string; retryAfterSeconds?: number };
type Headers = Record<string, string | string[] | undefined>;
type RequestHead = { method: string; path: string; headers: Headers };

/** Far more than the pages send. */
export const MAX_BODY_BYTES = 64 * 1024;
/** A secret scanner reports many keys in one request: `app/api/v1/leaked-keys/route.ts`. */
const LARGE_BODY_PATH = '/api/v1/leaked-keys';
const MAX_LARGE_BODY_BYTES = 1024 * 1024;
/** The only path outside the management API that other servers may call: `app/api/webhooks/resend/route.ts`, which verifies their signature. */
const WEBHOOK_PATH = '/api/webhooks/resend';
/**
 * The paths of the management API. It ignores cookies and requires an access token, which no page of another site has,
 * except for reports of leaked keys, which anyone may send. A path that could lead elsewhere does not count.
 */
const API_PATH = /^\/api\/v1\/(?!.*(?:\.\.|%2e|%5c|\\))/i;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** The methods that Next.js supports. It throws on TRACE. */
const ALLOWED_METHODS = new Set([...SAFE_METHODS, 'POST', 'PUT', 'PATCH', 'DELETE']);

/** The ids that Next.js gives to server actions. */
const ACTION_ID = /^[0-9a-f]{42}$/;

export const TOO_LARGE: Problem = { status: 413, title: 'The request body is too large', code: 'too_large' };

/** Returns the largest body that a path accepts. */
export const getMaxBodyBytes = (path: string): number =>
  path === LARGE_BODY_PATH ? MAX_LARGE_BODY_BYTES : MAX_BODY_BYTES;

/** Reports whether a path is absolute and can be decoded. Next.js throws on an invalid percent-encoding. */
function isValidPath(path: string): boolean {
  try {
    decodeURIComponent(path);
    return path.startsWith('/');
  } catch {
    return false;
  }
}

/** Next.js responds 500 to requests for its own error page. */
const ERROR_PAGE = /^\/+_global-error/i;

/** Reports whether the Host header is missing or names a host, with or without a port. */
function isValidHost(host: string | null): boolean {
  if (host === null || host === '') return true;
  const url = URL.parse(`http://${host}`);
  return url !== null && !/[\s/?#@\\]/.test(host);
}

/**
 * Reports whether the headers with which Next.js's own pages call actions and load parts of pages are well-formed.
 * Next.js responds 500 to others, and logs an error for each.
 * @param isRouterState validates `Next-Router-State-Tree`
 */
function hasValidNextHeaders(headers: Headers, isRouterState: (header: string) => boolean): boolean {
  // Next.js would forward an action to the page that has it: by a request to this server, from its own IP address.
  if (headers['x-action-forwarded'] !== undefined) return false;
  const action = headers['next-action'];
  if (action !== undefined && !ACTION_ID.test(String(action))) return false;
  const state = headers['next-router-state-tree'];
  return state === undefined || isRouterState(String(state));
}

/**
 * Reports whether the content type of a body is accepted. The arguments of a server action must be text, which
 * `action-body.ts` parses. Other requests may have any type except multipart, where Next.js would look for an action.
 */
function hasKnownContentType(headers: Headers): boolean {
  const type = String(headers['content-type'] ?? '').toLowerCase();
  return headers['next-action'] === undefined ? !type.includes('multipart') : type.startsWith('text/plain');
}

const getSingleValue = (value: string | string[] | undefined) => (typeof value === 'string' ? value : null);

/** Returns the reason to refuse a malformed request of any client, or undefined. */
function refuseMalformed(
  { method, path, headers }: RequestHead,
  isRouterState: (header: string) => boolean,
): Problem | undefined {
  if (!ALLOWED_METHODS.has(method))
    return { status: 405, title: 'This method is not allowed', code: 'method_not_allowed' };
  if (!isValidPath(path)) return { status: 400, title: 'The path is malformed', code: 'malformed_path' };
  if (ERROR_PAGE.test(decodeURIComponent(path)))
    return { status: 404, title: 'This page does not exist', code: 'not_found' };
  const expectation = getSingleValue(headers.expect);
  if (expectation !== null && expectation.toLowerCase() !== '100-continue')
    return { status: 417, title: 'This expectation is not supported', code: 'expectation_failed' };
  if (!isValidHost(getSingleValue(headers.host)) || !hasValidNextHeaders(headers, isRouterState))
    return { status: 400, title: 'A request header is malformed', code: 'malformed_header' };
  // Node.js refuses a request with both headers, because two servers could disagree on where it ends.
  const encoding = getSingleValue(headers['transfer-encoding']);
  if (encoding !== null && encoding.toLowerCase() !== 'chunked')
    return { status: 400, title: 'This transfer encoding is not supported', code: 'unsupported_encoding' };
  return Number(headers['content-length'] ?? 0) > getMaxBodyBytes(path) ? TOO_LARGE : undefined;
}

/**
 * Checks a request before it reaches Next.js. Returns the reason to refuse it, or undefined.
 * Requests with an unsafe method must come from this site's own pages. The exceptions are the management API, and a POST
 * to the webhook's path that no browser sent. A body without a declared length has to be limited while it is read.
 * @param request.path without the query string
 * @param isRouterState validates the header `Next-Router-State-Tree`
 */
export function refuseRequest(
  request: RequestHead,
  publicUrl: string,
  isRouterState: (header: string) => boolean = () => true,
): Problem | undefined {
  const { method, path, headers } = request;
  const malformed = refuseMalformed(request, isRouterState);
  if (malformed) return malformed;
  if (SAFE_METHODS.has(method)) return undefined;
  const origin = checkOrigin(
    {
      secFetchSite: getSingleValue(headers['sec-fetch-site']),
      origin: getSingleValue(headers.origin),
      host: getSingleValue(headers.host),
    },
    publicUrl,
  );
  const isApi = API_PATH.test(path) && headers['next-action'] === undefined;
  if (origin === 'own' || isApi)
    return hasKnownContentType(headers)
      ? undefined
      : { status: 415, title: 'This content type is not supported', code: 'unsupported_media_type' };
  // With every POST, browsers send Sec-Fetch-Site or Origin, so the origin is unknown only if no browser sent it.
  if (origin === 'unknown' && method === 'POST' && path === WEBHOOK_PATH) return undefined;
  return {
    status: 403,
    title: 'The request did not come from a page of this site',
    code: 'foreign_request',
  };
}
