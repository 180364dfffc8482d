import type { IncomingMessage } from 'node:http';
import { parseIpAddress } from './ip-address.ts';

type Connected = { socket: { remoteAddress?: string | undefined } };
/** What a client's IP address is read from. */
export type ClientRequest = Pick<IncomingMessage, 'headers' | 'headersDistinct'> & Connected;

/** Returns whether an odd number of backslashes precedes the character. */
function isEscaped(text: string, index: number): boolean {
  let start = index;
  while (text[start - 1] === '\\') start -= 1;
  return (index - start) % 2 === 1;
}

/**
 * Splits a `Forwarded` header at commas outside quoted strings. Reads from the right, where trusted proxies append, so
 * that an unclosed quote from the client cannot hide their elements.
 */
function splitForwarded(value: string): string[] {
  const elements: string[] = [];
  let end = value.length;
  let isQuoted = false;
  for (let index = value.length - 1; index >= 0; index -= 1) {
    if (value[index] === '"' && !isEscaped(value, index)) isQuoted = !isQuoted;
    if (value[index] !== ',' || isQuoted) continue;
    elements.push(value.slice(index + 1, end));
    end = index;
  }
  elements.push(value.slice(0, end));
  return elements.reverse();
}

/** A parameter of a `Forwarded` element, such as `for="[2001:db8::1]:4711"` (RFC 7239, section 4). */
const FORWARDED_PARAMETER = /\s*([\w!#$%&'*+.^`|~-]+)\s*=(\s*"(?:\\.|[^"\\])*"\s*|[^;"]*)(?:;|$)/gy;

/** Returns the value of the parameter `for`; empty if there is none. */
function readForwardedFor(element: string): string {
  for (const [, name, value = ''] of element.matchAll(FORWARDED_PARAMETER))
    if (name?.toLowerCase() === 'for') return value.replace(/\\(.)/g, '$1');
  return '';
}

/** Lists what the client and the proxies say about the addresses that a request came through, the client's first. */
function readForwardingEntries({
  'x-forwarded-for': forwardedFor,
  forwarded,
}: NodeJS.Dict<string[]>): string[] {
  const entries = forwardedFor?.some((value) => value.trim())
    ? forwardedFor.join(',').split(',')
    : splitForwarded(forwarded?.join(',') ?? '').map(readForwardedFor);
  return entries.map((entry) => entry.trim());
}

/**
 * Returns a client's IP address in canonical form, for rate limits and the audit log.
 *
 * Each proxy in front appends the IP address that it saw to X-Forwarded-For, or to Forwarded (RFC 7239), which is read only
 * without X-Forwarded-For. Entries before those of the trusted proxies are ignored, because a client can forge them. If
 * there are fewer entries than trusted proxies, the first one is used. If the entry is not an IP address, the address of
 * the connection is used; `unknown` if that is closed.
 * @param trustedProxies the number of trusted proxies in front; 0 ignores the headers
 */
export function resolveClientIpAddress(
  { socket: { remoteAddress }, headersDistinct }: Pick<ClientRequest, 'socket' | 'headersDistinct'>,
  trustedProxies: number,
): string {
  const fallback = parseIpAddress(remoteAddress ?? '') ?? 'unknown';
  if (trustedProxies === 0) return fallback;
  const entries = readForwardingEntries(headersDistinct);
  return parseIpAddress(entries.at(-trustedProxies) ?? entries[0] ?? '') ?? fallback;
}

/**
 * Returns what the client's IP address is read from. If it is equal for two requests, `resolveClientIpAddress` is, too. Takes
 * little time, because it parses nothing.
 */
export function readClientSource(
  { socket, headers }: Pick<ClientRequest, 'socket' | 'headers'>,
  trustedProxies: number,
): string {
  const remoteAddress = socket.remoteAddress ?? '';
  if (trustedProxies === 0) return remoteAddress;
  return `${remoteAddress} ${headers['x-forwarded-for'] ?? ''} ${headers.forwarded ?? ''}`;
}
