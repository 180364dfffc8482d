import { BlockList, isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';

/** Networks by version: in a list of both, Node.js would find an IPv4 address in an IPv6 range such as `::/0`. */
type Networks = { ipv4: BlockList; ipv6: BlockList };

/**
 * Parsed networks by their text, so that each is parsed once. This caches no decision: which networks an account has is
 * read from the database for each request.
 */
const parsedNetworks = new LRUCache<string, Networks>({ max: 1_000 });

const getVersion = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');

function parseNetworks(text: string): Networks {
  const networks: Networks = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of text.split(' ')) {
    const [address = '', prefix] = network.split('/');
    const version = getVersion(address);
    if (prefix === undefined) networks[version].addAddress(address, version);
    else networks[version].addSubnet(address, Number(prefix), version);
  }
  return networks;
}

/**
 * Returns whether an IP address is in one of the networks.
 * @param ipAddress in canonical form; another text, such as `unknown`, is in no network
 * @param networks canonical addresses and CIDR ranges, separated by spaces
 */
export function isInNetworks(ipAddress: string, networks: string): boolean {
  let parsed = parsedNetworks.get(networks);
  if (!parsed) {
    parsed = parseNetworks(networks);
    parsedNetworks.set(networks, parsed);
  }
  const version = getVersion(ipAddress);
  return parsed[version].check(ipAddress, version);
}
