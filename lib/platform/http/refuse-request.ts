import { checkOrigin } from './request-origin.ts';

/** The variable fields of a problem details response (RFC 9457). */
export type Problem = { status: number; title: string; code: string };
type Headers = Record<string, string | string[] | undefined>;

/** More than enough: the largest form has three short fields. */
const MAX_BODY_BYTES = 64 * 1024;
/** The only path that other servers may call. `app/api/webhooks/resend/route.ts` verifies a signature. */
const WEBHOOK_PATH = '/api/webhooks/resend';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Next.js does not support any others, and throws on TRACE. */
const ALLOWED_METHODS = new Set([...SAFE_METHODS, 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Whether a path can be decoded. Next.js throws on an invalid percent-encoding. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reports whether the pages send bodies of this type. The arguments of a server action must be text, which
 * `action-body.ts` parses; Next.js would also read them from a form.
 */
function isKnownBody(headers: Headers): boolean {
  const type = String(headers['content-type'] ?? '').toLowerCase();
  return headers['next-action'] === undefined ? !type.includes('multipart') : type.startsWith('text/plain');
}

const singleValue = (value: string | string[] | undefined) => (typeof value === 'string' ? value : null);

/**
 * Checks a request before it reaches Next.js. Returns the reason to refuse it, or undefined.
 * Requests with an unsafe method must come from this site's own pages. Bodies must be small and declare their length.
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
      secFetchSite: singleValue(headers['sec-fetch-site']),
      origin: singleValue(headers.origin),
      host: singleValue(headers.host),
    },
    publicUrl,
  );
  if (origin === 'own')
    return isKnownBody(headers)
      ? undefined
      : { status: 415, title: 'This content type is not supported', code: 'unsupported_media_type' };
  // Browsers send at least one of the headers with every POST, so other sites' pages cannot reach this.
  if (origin === 'unknown' && method === 'POST' && path === WEBHOOK_PATH) return undefined;
  return {
    status: 403,
    title: 'The request did not come from a page of this site',
    code: 'foreign_request',
  };
}
