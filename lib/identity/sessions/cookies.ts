import { settings } from '#lib/platform/config/settings.ts';
import { isLoopbackHost } from '#lib/platform/http/web-url.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';

/**
 * Returns the names and attributes of the cookies. `__Host-` makes browsers refuse a cookie without Secure, with a Domain,
 * or from a subdomain. On `http` on a loopback address both are left out: Safari refuses Secure cookies there.
 */
export function cookiesFor(publicUrl: string) {
  const { protocol, hostname } = new URL(publicUrl);
  const isPlainLoopback = protocol === 'http:' && isLoopbackHost(hostname);
  const name = (purpose: string) => `${isPlainLoopback ? '' : '__Host-'}stagedoor.${purpose}`;
  return {
    options: { httpOnly: true, secure: !isPlainLoopback, sameSite: 'lax', path: '/' },
    session: name('session'),
    /** Names the sign-in that is waiting for its second factor. */
    pending: name('second-step'),
    /** Contains what the provider's response must match. Lax, because the provider's redirect must send it. */
    state: name('state'),
    /** Set while a signed-in user re-authenticates at the provider; afterwards contains the result. */
    reauth: name('proof'),
    callbackUrl: name('callback-url'),
    nonce: name('nonce'),
    pkce: name('pkce'),
    csrf: name('csrf-token'),
  } as const;
}

/** Returns the cookies for this process's PUBLIC_URL. */
export const ownCookies = () => cookiesFor(settings().publicUrl);

/** Returns next-auth's cookies in the form that its `cookies` option expects. */
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

/** Derives the secret of one kind of cookie from AUTH_SECRET. */
const secretFor = (purpose: string) =>
  deriveKey(settings().authSecret, `stagedoor ${purpose} v1`).toString('base64url');

/** Returns the secret that encrypts session tokens. */
export const sessionSecret = () => secretFor('session');

/** Returns the secret that encrypts the tokens of pending sign-ins. */
export const pendingSecret = () => secretFor('pending sign-in');
