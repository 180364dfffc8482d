/**
 * The name of the cookie that holds the session. `__Host-` makes browsers refuse it without Secure, with a
 * Domain, or from a subdomain; they take it on http://localhost too (Safari does not).
 */
export const SESSION_COOKIE = '__Host-stagedoor.session';

/** Holds which sign-in awaits its second factor. */
export const PENDING_COOKIE = '__Host-stagedoor.second-step';

export const COOKIE_OPTIONS = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const;

/** next-auth's three cookies, all alike whatever the address begins with. */
export const AUTH_COOKIES = {
  sessionToken: { name: SESSION_COOKIE, options: COOKIE_OPTIONS },
  callbackUrl: { name: '__Host-stagedoor.callback-url', options: COOKIE_OPTIONS },
  csrfToken: { name: '__Host-stagedoor.csrf-token', options: COOKIE_OPTIONS },
};
