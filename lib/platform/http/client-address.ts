import { isIP } from 'node:net';

/**
 * The IP address that a request comes from, for throttles and the log.
 *
 * Each proxy in front appends the address that it saw to X-Forwarded-For; what stands before the entries of
 * the trusted ones is the client's own claim, and is not believed.
 *
 * @param socketAddress the other end of the connection
 * @param forwardedFor the header, its lines joined by commas
 * @param trustedProxies how many proxies of ours are in front; 0: the header is not read
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  const direct = socketAddress ?? 'unknown';
  if (trustedProxies === 0 || !forwardedFor) return direct;
  const entries = forwardedFor.split(',').map((entry) => entry.trim());
  const claimed = entries.at(-trustedProxies) ?? entries[0] ?? '';
  return isIP(claimed) ? claimed : direct;
}
