import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * IPv6 addresses that stand for an IPv4 address, and the 16-bit group at which it begins. Without them, one client would
 * count as several, or many clients as one.
 */
const IPV4_EMBEDDINGS: { prefix: string; group: number; isInverted?: boolean }[] = [
  // IPv4-mapped (RFC 4291, 2.5.5.2): what a socket for both protocols reports.
  { prefix: '::ffff:0:0/96', group: 6 },
  // IPv4-translated (RFC 2765, 2.1).
  { prefix: '::ffff:0:0:0/96', group: 6 },
  // NAT64: the well-known prefix (RFC 6052, 2.1), and /96 prefixes for local use (RFC 8215).
  { prefix: '64:ff9b::/96', group: 6 },
  { prefix: '64:ff9b:1::/48', group: 6 },
  // 6to4 (RFC 3056, 2).
  { prefix: '2002::/16', group: 1 },
  // Teredo (RFC 4380, 4): every bit of the client's address is inverted.
  { prefix: '2001::/32', group: 6, isInverted: true },
];
const EMBEDDINGS = IPV4_EMBEDDINGS.map(({ prefix, ...rest }) => ({
  range: ipaddr.IPv6.parseCIDR(prefix),
  ...rest,
}));
const IPV4_COMPATIBLE_RANGE = ipaddr.IPv6.parseCIDR('::/96');

/** `[2001:db8::1]`, perhaps with a port. RFC 7239, 6 also allows obfuscated ports: `_` and a name. */
const BRACKETED = /^\[([^\]]*)\](?::[\w.-]+)?$/;
const WITH_PORT = /^(.+):(?:\d{1,5}|_[\w.-]+)$/;

const PREFIX_LENGTH = /^(?:0|[1-9]\d{0,2})$/;

function removePort(text: string): string {
  const bracketed = BRACKETED.exec(text)?.[1];
  if (bracketed !== undefined) return bracketed;
  return isIP(text) ? text : (WITH_PORT.exec(text)?.[1] ?? text);
}

/** Returns the IPv4 address that an IPv6 address stands for; null if it stands for none. */
function findEmbeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4 | null {
  const { parts } = address;
  const readIpv4 = (group: number, mask = 0) => {
    const octets = parts
      .slice(group, group + 2)
      .flatMap((part) => [(part ^ mask) >> 8, (part ^ mask) & 0xff]);
    return new ipaddr.IPv4(octets);
  };
  const embedding = EMBEDDINGS.find(({ range }) => address.match(range));
  if (embedding) return readIpv4(embedding.group, embedding.isInverted ? 0xffff : 0);
  // IPv4-compatible (RFC 4291, 2.5.5.1), but not `::` and `::1`: no IPv4 host has an address that begins with 0.
  const isCompatible = address.match(IPV4_COMPATIBLE_RANGE) && (parts[6] ?? 0) > 0xff;
  return isCompatible ? readIpv4(6) : null;
}

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const unquoted = text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();
  const address = removePort(unquoted).replace(/%.*$/, '');
  // ipaddr.js also accepts octal, hexadecimal and shortened IPv4 addresses, which other programs read differently.
  if (!isIP(address)) return null;
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv6 ? (findEmbeddedIpv4(parsed) ?? parsed) : parsed;
}

/**
 * Returns the canonical form of an IP address, in which Stagedoor compares and stores it: IPv4 in dotted decimal, IPv6 by
 * RFC 5952. Removes quotes, the port and the zone. An IPv6 address that stands for an IPv4 address becomes that one.
 * Returns null if the text is not an IP address.
 */
export function parseIpAddress(text: string): string | null {
  return parse(text)?.toString() ?? null;
}

/**
 * Returns the canonical form of an IP address or a CIDR range, such as `192.0.2.0/24`. Bits after the prefix become zero,
 * and a range of one address becomes that address. Returns null if the text is neither, or if the range contains no
 * canonical address: IPv6 addresses that stand for IPv4 addresses are compared as the latter (`parseIpAddress`).
 */
export function parseNetwork(text: string): string | null {
  const [address = '', prefix, ...rest] = text.trim().split('/');
  if (rest.length > 0 || !isIP(address)) return null;
  if (prefix === undefined) return parseIpAddress(address);
  const parsed = ipaddr.parse(address);
  const length = PREFIX_LENGTH.test(prefix) ? Number(prefix) : Number.NaN;
  const maxLength = parsed.kind() === 'ipv4' ? 32 : 128;
  if (!(length <= maxLength)) return null;
  if (length === maxLength) return parseIpAddress(address);
  if (parsed instanceof ipaddr.IPv6) {
    const isEmbedded = EMBEDDINGS.some(
      ({ range: [base, bits] }) => length >= bits && parsed.match(base, bits),
    );
    if (isEmbedded || parsed.zoneId !== undefined) return null;
    return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/${length}`)}/${length}`;
  }
  return `${ipaddr.IPv4.networkAddressFromCIDR(`${address}/${length}`)}/${length}`;
}

/**
 * Returns the block of IP addresses that share a rate limit: an IPv4 address alone, or the /64 of an IPv6 address.
 * Internet providers usually assign a /64 to one customer. Returns other text unchanged.
 */
export function getIpAddressBlock(text: string): string {
  const address = parse(text);
  if (address instanceof ipaddr.IPv6) {
    const groups = address.parts.slice(0, 4).map((part) => part.toString(16));
    return `${groups.join(':')}::/64`;
  }
  return address?.toString() ?? text;
}

const PRIVATE_RANGES = ['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat'];

/** Returns whether an IP address in canonical form belongs to a private network, so that it cannot be one of the internet. */
export const isPrivateIpAddress = (ipAddress: string) =>
  PRIVATE_RANGES.includes(ipaddr.parse(ipAddress).range());

/** Azure's WireServer: a public address that only virtual machines reach, and that gives them credentials. */
const WIRE_SERVER = '168.63.129.16';
/** The only addresses of the IPv6 internet (RFC 4291, 2.4, and IANA's registry). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Returns whether an IP address is one of the internet: not of a private, local, reserved or multicast range, and not one
 * that cloud providers use for metadata. An IPv6 address that stands for an IPv4 address counts as that one.
 */
export function isPublicIpAddress(ipAddress: string): boolean {
  const address = parse(ipAddress);
  if (address?.range() !== 'unicast' || address.toString() === WIRE_SERVER) return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
}
