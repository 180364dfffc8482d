import { isLoopbackHost } from './web-url.ts';

/** The headers that identify a request's origin. Null if absent. */
export type OriginHeaders = { secFetchSite: string | null; origin: string | null; host: string | null };

/**
 * Reports whether the origin is the host that the browser requested, even if PUBLIC_URL names another one. Except for
 * loopback, the browser must confirm it with Sec-Fetch-Site.
 */
function isRequestedHost(origin: string, { secFetchSite, host }: OriginHeaders): boolean {
  const url = URL.parse(origin);
  if (!url || host === null || url.origin !== origin || url.host !== host) return false;
  return secFetchSite === 'same-origin' || isLoopbackHost(url.hostname);
}

/**
 * Checks whether a request comes from this site's own pages, by Sec-Fetch-Site and Origin, which scripts cannot set.
 * Each of the two that is present must match. Returns `unknown` if both are absent.
 *
 * Does not rely on Next.js, which accepts server actions without an Origin header. `Origin: null`, which sandboxed
 * frames send, is foreign.
 */
export function checkOrigin(headers: OriginHeaders, publicUrl: string): 'own' | 'foreign' | 'unknown' {
  const { secFetchSite, origin } = headers;
  if (secFetchSite === null && origin === null) return 'unknown';
  if (secFetchSite !== null && secFetchSite !== 'same-origin') return 'foreign';
  if (origin === null || origin === new URL(publicUrl).origin || isRequestedHost(origin, headers))
    return 'own';
  return 'foreign';
}
