import { isIP } from 'node:net';

/**
 * Returns a client's IP address, for rate limits and the audit log.
 *
 * Each proxy in front appends the address that it saw to X-Forwarded-For. Entries before those of the trusted proxies
 * are ignored, because a client can forge them.
 * @param socketAddress the remote address of the connection
 * @param forwardedFor the header, with several lines joined by commas
 * @param trustedProxies the number of trusted proxies in front; 0 ignores the header
 */
export function clientAddress(
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
