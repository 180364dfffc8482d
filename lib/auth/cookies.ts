/**
 * The name of the cookie that holds the session. `__Host-` makes browsers refuse it without Secure, with a
 * Domain, or from a subdomain; they take it on http://localhost too (Safari does not).
 */
export const SESSION_COOKIE = '__Host-stagedoor.session';

/** Holds which sign-in awaits its second factor. */
export const PENDING_COOKIE = '__Host-stagedoor.second-step';

export const COOKIE_OPTIONS = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const;

/** Holds what a provider's answer has to fit. Lax: it is sent along when the provider leads back here. */
export const STATE_COOKIE = '__Host-stagedoor.state';

/** There while somebody who is signed in is at the provider to prove who they are once more, and says how it ended. */
export const PROOF_COOKIE = '__Host-stagedoor.proof';

/** next-auth's cookies, all alike whatever the address begins with. */
export const AUTH_COOKIES = {
  sessionToken: { name: SESSION_COOKIE, options: COOKIE_OPTIONS },
  callbackUrl: { name: '__Host-stagedoor.callback-url', options: COOKIE_OPTIONS },
  state: { name: STATE_COOKIE, options: COOKIE_OPTIONS },
  nonce: { name: '__Host-stagedoor.nonce', options: COOKIE_OPTIONS },
  pkceCodeVerifier: { name: '__Host-stagedoor.pkce', options: COOKIE_OPTIONS },
  csrfToken: { name: '__Host-stagedoor.csrf-token', options: COOKIE_OPTIONS },
};
