import ipaddr from 'ipaddr.js';

// Unlike `lib/platform/http/ip-address.ts`, this runs in browsers.

/** An entry of a list of networks, with the number of its line. */
export type NetworkEntry = { text: string; line: number };

/** Splits lines into addresses and ranges. A line may be empty, or contain several with spaces, commas or semicolons. */
export function splitNetworks(lines: readonly string[]): NetworkEntry[] {
  return lines.flatMap((text, index) =>
    text
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map((entry) => ({ text: entry, line: index + 1 })),
  );
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/**
 * Returns whether an IP address is in one of the networks, as they are typed: what is no address or range contains
 * nothing. For hints only: the server parses networks more strictly, and the verifier decides (`parseNetwork`).
 * @param ipAddress in canonical form
 */
export function isInTypedNetworks(ipAddress: string, networks: readonly string[]): boolean {
  const address = ipaddr.parse(ipAddress);
  return networks.some((text) => {
    const range = parseRange(text);
    return range !== null && range[0].kind() === address.kind() && address.match(range);
  });
}
