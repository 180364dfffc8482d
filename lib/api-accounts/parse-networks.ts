import { parseNetwork } from '#lib/platform/http/ip-address.ts';

/** `value`: canonical and without duplicates; null means anywhere, undefined that nothing was submitted. */
type ParsedNetworks = { value: string[] | null | undefined; message?: string };

/** Parses an account's networks. An empty list means anywhere. `message` names the first invalid entry. */
export function parseNetworks(texts: string[] | null | undefined): ParsedNetworks {
  if (!texts) return { value: texts };
  const networks = new Set<string>();
  for (const text of texts) {
    const network = parseNetwork(text);
    if (network === null) {
      const message = `“${text}” isn’t an IP address or a range like 192.0.2.0/24.`;
      return { value: undefined, message };
    }
    networks.add(network);
  }
  return { value: networks.size === 0 ? null : [...networks] };
}
