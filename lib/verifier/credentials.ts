import { isWellFormedKey } from '#lib/api-keys/format.ts';

/** What a request offers: a key, and with Basic also whose it is said to be. */
export type Credential = { key: string; username: string | null };

/** More than a key in base64 with the longest username takes; what is longer is not looked at. */
const LONGEST_HEADER = 1_024;
const SCHEME = /^(basic|bearer) +([A-Za-z0-9+/._~-]+=*)$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** RFC 7617: base64 of `username:key` in UTF-8; the username ends at the first colon. */
function readBasic(encoded: string): Credential | null {
  if (!BASE64.test(encoded)) return null;
  const bytes = Buffer.from(encoded, 'base64');
  // The last character may have bits to spare: they are zero, so that each credential is written in one way.
  if (bytes.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) return null;
  let decoded: string;
  try {
    decoded = utf8.decode(bytes);
  } catch {
    return null;
  }
  const colon = decoded.indexOf(':');
  if (colon < 1) return null;
  return { username: decoded.slice(0, colon).normalize('NFC'), key: decoded.slice(colon + 1) };
}

const isRelevant = (name: string) =>
  // Most names have another length, and need not be put into lower case.
  (name.length === 13 && name.toLowerCase() === 'authorization') ||
  (name.length === 9 && name.toLowerCase() === 'x-api-key');

/**
 * The place of the one `Authorization` or `X-API-Key` among the headers; -1 where there is none, or more than one.
 * (`request.headers` would hide that one was sent twice.)
 */
function placeOfOffer(rawHeaders: readonly string[]): number {
  let place = -1;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!isRelevant(rawHeaders[index] ?? '')) continue;
    if (place >= 0) return -1;
    place = index;
  }
  return place;
}

function readOffer(name: string, value: string): Credential | null {
  if (value.length > LONGEST_HEADER) return null;
  if (name.length === 'x-api-key'.length) return { key: value, username: null };
  const [, scheme, rest] = SCHEME.exec(value) ?? [];
  if (!scheme || !rest) return null;
  return scheme.toLowerCase() === 'basic' ? readBasic(rest) : { key: rest, username: null };
}

/**
 * The credential of a request: Basic (RFC 7617), Bearer (RFC 6750) or `X-API-Key`.
 *
 * Two at once are none, even if they agree: a gateway and this verifier could each go by another one.
 * @returns null where there is none, or none whose key is well-formed; no database need be asked
 */
export function readCredential(rawHeaders: readonly string[], tag: string): Credential | null {
  const place = placeOfOffer(rawHeaders);
  if (place < 0) return null;
  const credential = readOffer(rawHeaders[place] ?? '', rawHeaders[place + 1] ?? '');
  return credential && isWellFormedKey(credential.key, tag) ? credential : null;
}
