import { settings } from '#lib/platform/config/settings.ts';
import { isLoopbackHost } from '#lib/platform/http/web-url.ts';

/**
 * Names the cookies and sets their attributes. `__Host-` makes browsers refuse a cookie without Secure, with a Domain, or
 * from a subdomain. On `http` on this machine there is neither: Safari's engine refuses Secure cookies there, so that
 * nobody could sign in.
 */
export function cookiesFor(publicUrl: string) {
  const { protocol, hostname } = new URL(publicUrl);
  const isPlainLoopback = protocol === 'http:' && isLoopbackHost(hostname);
  const name = (purpose: string) => `${isPlainLoopback ? '' : '__Host-'}stagedoor.${purpose}`;
  return {
    options: { httpOnly: true, secure: !isPlainLoopback, sameSite: 'lax', path: '/' },
    session: name('session'),
    /** Names the sign-in that waits for its second factor. */
    pending: name('second-step'),
    /** Holds what the provider's response has to match. Lax: it is sent when the provider redirects back. */
    state: name('state'),
    /** Set while a signed-in user confirms who they are at the provider; then says how that ended. */
    proof: name('proof'),
    callbackUrl: name('callback-url'),
    nonce: name('nonce'),
    pkce: name('pkce'),
    csrf: name('csrf-token'),
  } as const;
}

/** The cookies under this process's PUBLIC_URL. */
export const ownCookies = () => cookiesFor(settings().publicUrl);

/** next-auth's own cookies, in its words. */
export function authCookies() {
  const { options, session, state, callbackUrl, nonce, pkce, csrf } = ownCookies();
  return {
    sessionToken: { name: session, options },
    callbackUrl: { name: callbackUrl, options },
    state: { name: state, options },
    nonce: { name: nonce, options },
    pkceCodeVerifier: { name: pkce, options },
    csrfToken: { name: csrf, options },
  };
}
