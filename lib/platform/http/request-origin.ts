import { isLoopbackHost } from './web-url.ts';

/** The headers that tell where a request was made; null where one is absent. */
export type OriginHeaders = { secFetchSite: string | null; origin: string | null; host: string | null };

/** A page of the very host that was asked, by whatever name. Loopback names need no word of the browser for it. */
function isOwnHost(origin: string, { secFetchSite, host }: OriginHeaders): boolean {
  const url = URL.parse(origin);
  if (!url || host === null || url.origin !== origin || url.host !== host) return false;
  return secFetchSite === 'same-origin' || isLoopbackHost(url.hostname);
}

/**
 * Whether a request comes from one of our own pages, by the headers that a page's script cannot set. Each
 * that is there has to be right; `untold` is where neither is.
 *
 * Next.js lets a server action through that has no Origin header, so this does not rely on it. `Origin: null`
 * is what a sandboxed frame sends: foreign.
 */
export function checkOrigin(headers: OriginHeaders, publicUrl: string): 'own' | 'foreign' | 'untold' {
  const { secFetchSite, origin } = headers;
  if (secFetchSite === null && origin === null) return 'untold';
  if (secFetchSite !== null && secFetchSite !== 'same-origin') return 'foreign';
  if (origin === null || origin === new URL(publicUrl).origin || isOwnHost(origin, headers)) return 'own';
  return 'foreign';
}
