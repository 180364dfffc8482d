import { parseNetwork } from '#lib/platform/http/ip-address.ts';
import { splitNetworks } from '#lib/platform/user-input/networks.ts';

/** `value`: canonical and without duplicates; null means anywhere, undefined that nothing was submitted. */
type ParsedNetworks = { value: string[] | null | undefined; message?: string };

const MAX_QUOTED_LENGTH = 60;

const quote = (text: string) =>
  text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text;

/**
 * Parses an account's networks, as lines. No entries mean anywhere. `message` names the first invalid entry and its line.
 */
export function parseNetworks(lines: string[] | null | undefined): ParsedNetworks {
  if (!lines) return { value: lines };
  const networks = new Set<string>();
  for (const { text, line } of splitNetworks(lines)) {
    const network = parseNetwork(text);
    if (network === null) {
      const message = `Line ${line}: “${quote(text)}” isn’t an IP address or a range like 192.0.2.0/24.`;
      return { value: undefined, message };
    }
    networks.add(network);
  }
  return { value: networks.size === 0 ? null : [...networks] };
}
