import { settings } from '#lib/platform/config/settings.ts';
import { isLoopbackHost } from '#lib/platform/http/web-url.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';

/**
 * Builds the names and attributes of the cookies. `__Host-` makes browsers reject a cookie that has no Secure, has a
 * Domain, or is set by a subdomain. For plain `http` on this machine, cookies have neither `__Host-` nor Secure, because
 * Safari rejects Secure cookies there.
 */
export function buildCookieSettings(publicUrl: string) {
  const { protocol, hostname } = new URL(publicUrl);
  const isPlainLoopback = protocol === 'http:' && isLoopbackHost(hostname);
  const name = (purpose: string) => `${isPlainLoopback ? '' : '__Host-'}stagedoor.${purpose}`;
  return {
    options: { httpOnly: true, secure: !isPlainLoopback, sameSite: 'lax', path: '/' },
    session: name('session'),
    /** Contains the id of the sign-in that is waiting for its second factor. */
    pending: name('second-step'),
    /**
     * Contains the value that the provider's response must match. SameSite=Lax, so that the provider's redirect sends it.
     */
    state: name('state'),
    /** Set while a signed-in user re-authenticates at the provider. Also stores whether that has changed their role. */
    reauth: name('proof'),
    callbackUrl: name('callback-url'),
    nonce: name('nonce'),
    pkce: name('pkce'),
    csrf: name('csrf-token'),
    /** Contains the theme that was chosen in this browser. */
    theme: name('theme'),
  } as const;
}

/** Returns the names and attributes of the cookies for this process's PUBLIC_URL. */
export const getCookieSettings = () => buildCookieSettings(settings().publicUrl);

/** Returns next-auth's cookies in the form that its `cookies` option expects. */
export function getNextAuthCookies() {
  const { options, session, state, callbackUrl, nonce, pkce, csrf } = getCookieSettings();
  return {
    sessionToken: { name: session, options },
    callbackUrl: { name: callbackUrl, options },
    state: { name: state, options },
    nonce: { name: nonce, options },
    pkceCodeVerifier: { name: pkce, options },
    csrfToken: { name: csrf, options },
  };
}

/** Derives the secret of one kind of cookie from AUTH_SECRET. */
const deriveSecret = (purpose: string) =>
  deriveKey(settings().authSecret, `stagedoor ${purpose} v1`).toString('base64url');

/** Derives the secret that encrypts session tokens. */
export const deriveSessionSecret = () => deriveSecret('session');

/** Derives the secret that encrypts the tokens of pending sign-ins. */
export const derivePendingSecret = () => deriveSecret('pending sign-in');
