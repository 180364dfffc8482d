import { checkOrigin } from './request-origin.ts';

/** The variable fields of a problem details response (RFC 9457). */
export type Problem = { status: number; title: string; code: string };
type Headers = Record<string, string | string[] | undefined>;

/** Far more than the pages send. */
const MAX_BODY_BYTES = 64 * 1024;
/** The only path that other servers may call: `app/api/webhooks/resend/route.ts`, which verifies their signature. */
const WEBHOOK_PATH = '/api/webhooks/resend';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** The methods that Next.js supports. It throws on TRACE. */
const ALLOWED_METHODS = new Set([...SAFE_METHODS, 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Reports whether a path can be decoded. Next.js throws on an invalid percent-encoding. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
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

/**
 * Checks a request before it reaches Next.js. Returns the reason to refuse it, or undefined.
 * Requests with an unsafe method must come from this site's own pages. The exception is a POST to the webhook's path
 * that no browser sent. Bodies must be small and declare their length.
 * @param request.path without the query string
 */
export function refuseRequest(
  { method, path, headers }: { method: string; path: string; headers: Headers },
  publicUrl: string,
): Problem | undefined {
  if (!ALLOWED_METHODS.has(method))
    return { status: 405, title: 'This method is not allowed', code: 'method_not_allowed' };
  if (!isDecodable(path)) return { status: 400, title: 'The path is malformed', code: 'malformed_path' };
  if (headers['transfer-encoding'] !== undefined)
    return { status: 411, title: 'The request needs a Content-Length header', code: 'length_required' };
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES)
    return { status: 413, title: 'The request body is too large', code: 'too_large' };
  if (SAFE_METHODS.has(method)) return undefined;
  const origin = checkOrigin(
    {
      secFetchSite: getSingleValue(headers['sec-fetch-site']),
      origin: getSingleValue(headers.origin),
      host: getSingleValue(headers.host),
    },
    publicUrl,
  );
  if (origin === 'own')
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
