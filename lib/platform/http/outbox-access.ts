import type { Settings } from '#lib/platform/config/settings.ts';
import { isLoopbackHost } from './web-url.ts';

/** What proxies, load balancers and tunnels add to the requests that they pass on. */
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
/** Of Cloudflare, AWS, Envoy, Azure and Tailscale, besides the usual `X-Forwarded-…`. */
const FORWARDING_PREFIXES = ['x-forwarded', 'cf-', 'x-amzn-', 'x-envoy-', 'x-azure-', 'x-arr-', 'tailscale-'];

/** Reports whether a request says that a proxy or tunnel passed it on. Header names are in lower case, as Node has them. */
export function isForwarded(headers: Record<string, unknown>): boolean {
  return Object.keys(headers).some(
    (name) => FORWARDING_HEADERS.has(name) || FORWARDING_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
}

type Exposure = Pick<Settings, 'host' | 'publicUrl' | 'trustedProxies'>;

/** The setting by which the web process serves more than this machine; null: it serves this machine alone. */
function exposedBy({ host, publicUrl, trustedProxies }: Exposure): string | null {
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
 * Reports whether anyone on this machine may read the outbox without signing in. Its messages hold links that set an
 * administrator's password, so a request from elsewhere never may, whichever way it came.
 * @param isDirect no proxy or tunnel passed the request on
 */
export function isOutboxOpen(settings: OutboxSettings, isDirect: boolean): boolean {
  return hasOutbox(settings) && isDirect && exposedBy(settings) === null;
}

/** Says at start who can read the outbox, if the web process serves more than this machine; null otherwise. */
export function outboxWarning(settings: OutboxSettings): string | null {
  const reason = exposedBy(settings);
  if (!reason || !hasOutbox(settings)) return null;
  return (
    `Warning: ${reason}, and messages go to the outbox instead of to people. /outbox holds links that set a password, ` +
    'so it is shown to signed-in Settings Administrators only. Before other people use Stagedoor, set an email and an SMS ' +
    'provider (docs/settings.md).'
  );
}
