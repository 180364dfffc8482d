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
/** `X-Forwarded-…`, and headers of Cloudflare, AWS, Envoy, Azure and Tailscale. */
const FORWARDING_PREFIXES = ['x-forwarded', 'cf-', 'x-amzn-', 'x-envoy-', 'x-azure-', 'x-arr-', 'tailscale-'];

/** Reports whether a proxy or tunnel forwarded a request. Expects header names in lower case, as Node.js has them. */
export function isForwarded(headers: Record<string, unknown>): boolean {
  return Object.keys(headers).some(
    (name) => FORWARDING_HEADERS.has(name) || FORWARDING_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
}

type Exposure = Pick<Settings, 'host' | 'publicUrl' | 'trustedProxies'>;

/** Describes the setting that makes the web service reachable from other machines, if any. */
function describeExposure({ host, publicUrl, trustedProxies }: Exposure): string | null {
  if (!isLoopbackHost(new URL(publicUrl).hostname)) return `PUBLIC_URL is ${publicUrl}`;
  if (trustedProxies > 0) return `TRUSTED_PROXIES is ${trustedProxies}`;
  return isLoopbackHost(host) ? null : `HOST is ${host}`;
}

type OutboxSettings = Exposure & Pick<Settings, 'embedded' | 'email' | 'sms'>;

/** Reports whether messages go to the outbox: in embedded mode, if email or SMS has no provider. */
export function hasOutbox({ embedded, email, sms }: OutboxSettings): boolean {
  return embedded && (email.provider === 'outbox' || sms.provider === 'outbox');
}

/**
 * Reports whether the outbox may be read without signing in, which only requests from this machine may do.
 * Its messages contain links that set an administrator's password.
 * @param isDirect whether no proxy or tunnel forwarded the request
 */
export function isOutboxOpen(settings: OutboxSettings, isDirect: boolean): boolean {
  return hasOutbox(settings) && isDirect && describeExposure(settings) === null;
}

/** Returns a warning about the outbox if the web service is reachable from other machines; null otherwise. */
export function outboxWarning(settings: OutboxSettings): string | null {
  const reason = describeExposure(settings);
  if (!reason || !hasOutbox(settings)) return null;
  return (
    `Warning: ${reason}, and messages go to the outbox instead of to people. It contains links that set passwords, so ` +
    'only Settings Administrators can open /outbox. Set an email and an SMS provider before anyone else uses ' +
    'Stagedoor (docs/reference/settings.md).'
  );
}
