import { checkOrigin } from './request-origin.ts';

/** A refusal as RFC 9457 has it. */
export type Problem = { status: number; title: string; code: string };
/** A request's headers, as Node.js gives them. */
type Headers = Record<string, string | string[] | undefined>;

/** Bytes. The largest form of ours has three short fields. */
const LARGEST_BODY = 64 * 1024;
/** The one path that other machines call: `app/api/webhooks/resend/route.ts`, which checks a signature. */
const WEBHOOK = '/api/webhooks/resend';
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Of any other, Next.js knows nothing, and of TRACE it fails. */
const METHODS = new Set([...READING, 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Whether Next.js can read a path: of one with a broken %-sequence it makes an error of its own. */
function isReadable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a body is of a type that a page sends. A server action's arguments are text, for `action-body.ts` to read;
 * Next.js would also take them out of a form.
 */
function isKnownBody(headers: Headers): boolean {
  const type = String(headers['content-type'] ?? '').toLowerCase();
  return headers['next-action'] === undefined ? !type.includes('multipart') : type.startsWith('text/plain');
}

const textOf = (value: string | string[] | undefined) => (typeof value === 'string' ? value : null);

/**
 * What is wrong with a request before any page or action sees it; undefined where nothing is. Whatever may
 * change something has to come from one of our own pages; and a body has to tell its size and be small.
 * @param request `path`: without its query
 */
export function refuseRequest(
  { method, path, headers }: { method: string; path: string; headers: Headers },
  publicUrl: string,
): Problem | undefined {
  if (!METHODS.has(method))
    return { status: 405, title: 'No page takes requests of this method', code: 'method_not_allowed' };
  if (!isReadable(path))
    return { status: 400, title: 'The path of this address is malformed', code: 'malformed_path' };
  if (headers['transfer-encoding'] !== undefined)
    return { status: 411, title: 'The request must tell the length of its body', code: 'length_required' };
  if (Number(headers['content-length'] ?? 0) > LARGEST_BODY)
    return { status: 413, title: 'The request is too large', code: 'too_large' };
  if (READING.has(method)) return undefined;
  const origin = checkOrigin(
    {
      secFetchSite: textOf(headers['sec-fetch-site']),
      origin: textOf(headers.origin),
      host: textOf(headers.host),
    },
    publicUrl,
  );
  if (origin === 'own')
    return isKnownBody(headers)
      ? undefined
      : { status: 415, title: 'No page sends a body of this type', code: 'unsupported_media_type' };
  // No browser sends a POST without either header; a page of another site therefore does not get here.
  if (origin === 'untold' && method === 'POST' && path === WEBHOOK) return undefined;
  return {
    status: 403,
    title: 'The request does not come from a page of this site',
    code: 'foreign_request',
  };
}
