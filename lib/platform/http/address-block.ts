import { isIPv4, isIPv6 } from 'node:net';

/**
 * What of an address a throttle counts: an IPv4 address whole, of IPv6 the /64 that a single customer is
 * commonly given, since anyone who has one has 2^64 addresses. Other text is returned as it is.
 */
export function addressBlock(address: string): string {
  const bare = address.replace(/%.*$/, '');
  const mapped = bare.replace(/^::ffff:/i, '');
  if (isIPv4(mapped)) return mapped;
  if (!isIPv6(bare)) return address;
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::').map((half) => half.split(':').filter(Boolean));
  const gap = tail === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return `${[...head, ...gap, ...(tail ?? [])].slice(0, 4).join(':')}::/64`;
}
