import { isIPv4, isIPv6 } from 'node:net';

/**
 * Returns the address block that rate limits count by: an IPv4 address, or the /64 of an IPv6 address.
 * Providers usually assign a /64 to one customer, who then has 2^64 addresses. Other text is returned unchanged.
 */
export function addressBlock(address: string): string {
  const withoutZone = address.replace(/%.*$/, '');
  const withoutPrefix = withoutZone.replace(/^::ffff:/i, '');
  if (isIPv4(withoutPrefix)) return withoutPrefix;
  if (!isIPv6(withoutZone)) return address;
  const canonical = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = tail === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return `${[...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')}::/64`;
}
