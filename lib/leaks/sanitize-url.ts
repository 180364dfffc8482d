/** Longer URLs are cut. */
const MAX_URL_LENGTH = 500;

/** As long as the random part of a key, and longer than a Git commit id. Nothing shorter can be a whole key. */
const LIKE_A_KEY = /[0-9A-Za-z+/_=-]{50}/;

/** Replaces a part of a path that may contain a key. */
function sanitizePart(part: string): string {
  try {
    return LIKE_A_KEY.test(decodeURIComponent(part)) ? '…' : part;
  } catch {
    return '…';
  }
}

/**
 * Returns where a key was found, in a form that can be stored and shown: an HTTP or HTTPS URL without credentials, query
 * and fragment, and without anything as long as a key. Adds a missing `https://`, and bounds the length.
 * @returns null if the text is no such URL
 */
export function sanitizeLeakUrl(text: string): string | null {
  const trimmed = text.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:/i.test(trimmed) ? trimmed : `https://${trimmed}`);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  if (!url.hostname.includes('.') || LIKE_A_KEY.test(url.hostname)) return null;
  const path = url.pathname.split('/').map(sanitizePart).join('/');
  return `${url.origin}${path}`.slice(0, MAX_URL_LENGTH);
}
