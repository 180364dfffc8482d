import { isIP } from 'node:net';
import { settings } from '#lib/platform/config/settings.ts';
import { isPublicIpAddress } from '#lib/platform/http/ip-address.ts';

/** Removes the brackets that `URL.hostname` has around an IPv6 address. */
export const getHost = (url: URL) => url.hostname.replace(/^\[(.*)\]$/, '$1');

/** Returns whether an endpoint may have an IP address: one of the internet, unless WEBHOOK_ALLOW_PRIVATE is set. */
export const isAllowedIpAddress = (ipAddress: string) =>
  settings().isPrivateWebhookAllowed || isPublicIpAddress(ipAddress);

/**
 * Returns why the settings do not allow an endpoint with this URL; undefined if they do. Does not resolve its host name:
 * the addresses are checked at each connection, because they can change.
 */
export function findUrlProblem(text: string): string | undefined {
  const url = new URL(text);
  if (url.protocol !== 'https:' && !settings().isEmbedded)
    return 'Enter an address that starts with https://.';
  const host = getHost(url);
  const isPrivate = isIP(host) ? !isAllowedIpAddress(host) : /(^|\.)localhost\.?$/.test(host);
  if (!isPrivate || settings().isPrivateWebhookAllowed) return undefined;
  return 'That is an address of a private network. Enter a public one, or set WEBHOOK_ALLOW_PRIVATE=1 on the server.';
}
