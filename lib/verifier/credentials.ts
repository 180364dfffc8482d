import { isWellFormedKey, KEY_LENGTH } from '#lib/api-keys/api-key.ts';

/** A request's key, and its username, which only Basic credentials include. */
export type Credential = { key: string; username: string | null };

/** Longer values are ignored. Leaves room for the base64 form of a key with the longest username. */
const MAX_HEADER_LENGTH = 1_024;
const AUTHORIZATION = /^(basic|bearer) +(.+)$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** ISO 8859-1, with the quotes and dashes of Windows in place of its control characters, which no username contains. */
const latin1Decoder = new TextDecoder('windows-1252');
/**
 * Matches a key without what may surround it if it was read from a file or copied: a line break, spaces, quotes, a
 * byte-order mark. Takes linear time: a pattern for what follows the key would be tried at each of its characters.
 */
const TRIMMED_KEY = /[0-9A-Za-z](?:.*[0-9A-Za-z])?/s;

/** Decodes UTF-8, or else ISO 8859-1, in which many HTTP clients send Basic credentials. */
function decodeText(bytes: Uint8Array): string {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    return latin1Decoder.decode(bytes);
  }
}

/** Parses base64 of `username:key` (RFC 7617). The username ends at the first colon. */
function parseBasic(encoded: string): Credential | null {
  if (!BASE64.test(encoded)) return null;
  const bytes = Buffer.from(encoded, 'base64');
  // Reject non-zero padding bits in the last character: they would give one credential several encodings.
  if (bytes.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) return null;
  const decoded = decodeText(bytes);
  const colon = decoded.indexOf(':');
  if (colon < 1) return null;
  return { username: decoded.slice(0, colon).normalize('NFC'), key: decoded.slice(colon + 1) };
}

const isCredentialHeader = (name: string) =>
  // Compare lengths first: most header names then need no conversion to lower case.
  (name.length === 13 && name.toLowerCase() === 'authorization') ||
  (name.length === 9 && name.toLowerCase() === 'x-api-key');

/**
 * Returns the index of the only `Authorization` or `X-API-Key` header; -1 if there is none or more than one.
 * Uses `rawHeaders`, because `request.headers` hides that a header was sent twice.
 */
function findCredentialHeader(rawHeaders: readonly string[]): number {
  let found = -1;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!isCredentialHeader(rawHeaders[index] ?? '')) continue;
    if (found >= 0) return -1;
    found = index;
  }
  return found;
}

function parseHeader(name: string, value: string): Credential | null {
  if (value.length > MAX_HEADER_LENGTH) return null;
  if (name.length === 'x-api-key'.length) return { key: value, username: null };
  const [, scheme, rest] = AUTHORIZATION.exec(value) ?? [];
  if (!scheme || !rest) return null;
  return scheme.toLowerCase() === 'basic' ? parseBasic(rest) : { key: rest, username: null };
}

/**
 * Reads the credential of a request: Basic (RFC 7617), Bearer (RFC 6750) or `X-API-Key`.
 *
 * Ignores spaces, line breaks, quotes and invisible characters around the key.
 * Treats two credentials like none, even if they are equal: a gateway and the verifier might read different ones.
 * @returns null if there is no credential with a well-formed key; no database query is needed then
 */
export function readCredential(rawHeaders: readonly string[], tag: string): Credential | null {
  const index = findCredentialHeader(rawHeaders);
  if (index < 0) return null;
  const credential = parseHeader(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  if (!credential) return null;
  if (credential.key.length !== KEY_LENGTH) credential.key = TRIMMED_KEY.exec(credential.key)?.[0] ?? '';
  return isWellFormedKey(credential.key, tag) ? credential : null;
}
