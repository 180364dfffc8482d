import { getOutboxChannels } from '#lib/platform/config/provider-settings.ts';
import type { Settings } from '#lib/platform/config/settings.ts';
import { isLoopbackHost } from './web-url.ts';

/** Headers that proxies, load balancers and tunnels add to forwarded requests. */
const FORWARDING_HEADERS = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-host',
  'x-original-forwarded-for',
  'x-proxyuser-ip',
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'cdn-loop',
]);
/** Prefixes of `X-Forwarded-…`, and of the headers of Cloudflare, AWS, Envoy, Azure and Tailscale. */
const FORWARDING_PREFIXES = ['x-forwarded', 'cf-', 'x-amzn-', 'x-envoy-', 'x-azure-', 'x-arr-', 'tailscale-'];

/** Reports whether a proxy or tunnel forwarded a request. Expects header names in lower case, as Node.js has them. */
export function isForwarded(headers: Record<string, unknown>): boolean {
  return Object.keys(headers).some(
    (name) => FORWARDING_HEADERS.has(name) || FORWARDING_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
}

type ExposureSettings = Pick<Settings, 'host' | 'publicUrl' | 'trustedProxies'>;

/** Describes the setting that makes the web service reachable from other machines, if any. */
function describeExposure({ host, publicUrl, trustedProxies }: ExposureSettings): string | null {
  if (!isLoopbackHost(new URL(publicUrl).hostname)) return `PUBLIC_URL is ${publicUrl}`;
  if (trustedProxies > 0) return `TRUSTED_PROXIES is ${trustedProxies}`;
  return isLoopbackHost(host) ? null : `HOST is ${host}`;
}

type OutboxSettings = ExposureSettings & Pick<Settings, 'isEmbedded' | 'email' | 'sms'>;

/** Reports whether Stagedoor is in test mode: emails or SMS go to the outbox. */
export function hasOutbox(settings: OutboxSettings): boolean {
  const { email, sms } = getOutboxChannels(settings);
  return email || sms;
}

/**
 * Reports whether a request may read the outbox without signing in: only from this machine, directly, and only if the
 * settings expose the web service to no other machine.
 * Its messages contain links that set an administrator's password.
 * @param isDirect whether the request came directly, not through a proxy or tunnel
 */
export function isOutboxOpen(settings: OutboxSettings, isDirect: boolean): boolean {
  return hasOutbox(settings) && isDirect && describeExposure(settings) === null;
}

/** Returns a warning if there is an outbox and other machines can reach the web service; null otherwise. */
export function getOutboxWarning(settings: OutboxSettings): string | null {
  const reason = describeExposure(settings);
  if (!reason || !hasOutbox(settings)) return null;
  return (
    `Warning: ${reason}, and messages go to the outbox instead of to people. It contains links that set passwords, so ` +
    'only Settings Administrators can open /outbox. Set an email and an SMS provider before anyone else uses ' +
    'Stagedoor (docs/reference/settings.md).'
  );
}
