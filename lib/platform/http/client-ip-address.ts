import { isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * Returns a client's IP address, for rate limits and the audit log.
 *
 * Each proxy in front appends the IP address that it saw to X-Forwarded-For. Entries before those of the trusted proxies
 * are ignored, because a client can forge them. If there are fewer entries than trusted proxies, the first one is used.
 * If the entry is not an IP address, the address of the connection is used; `unknown` if that is closed.
 * @param socketAddress the remote IP address of the connection; undefined if it is closed
 * @param forwardedFor the value of X-Forwarded-For; several headers joined by commas
 * @param trustedProxies the number of trusted proxies in front; 0 ignores the header
 */
export function resolveClientIpAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  const fallback = socketAddress ?? 'unknown';
  if (trustedProxies === 0 || !forwardedFor) return fallback;
  const entries = forwardedFor.split(',').map((entry) => entry.trim());
  const candidate = entries.at(-trustedProxies) ?? entries[0] ?? '';
  return isIP(candidate) ? candidate : fallback;
}

/**
 * Returns the block of IP addresses that share a rate limit: an IPv4 address alone, or the /64 of an IPv6 address.
 * Internet providers usually assign a /64 to one customer. Returns other text unchanged.
 */
export function getIpAddressBlock(ipAddress: string): string {
  const withoutZone = ipAddress.replace(/%.*$/, '');
  const withoutPrefix = withoutZone.replace(/^::ffff:/i, '');
  if (isIPv4(withoutPrefix)) return withoutPrefix;
  if (!isIPv6(withoutZone)) return ipAddress;
  const canonical = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = tail === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return `${[...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')}::/64`;
}
