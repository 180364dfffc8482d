/**
 * The name of the cookie that holds the session. `__Host-` makes browsers refuse it without Secure, with a
 * Domain, or from a subdomain; they take it on http://localhost too (Safari does not).
 */
export const SESSION_COOKIE = '__Host-stagedoor.session';

const options = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const;

/** next-auth's three cookies, all alike whatever the address begins with. */
export const AUTH_COOKIES = {
  sessionToken: { name: SESSION_COOKIE, options },
  callbackUrl: { name: '__Host-stagedoor.callback-url', options },
  csrfToken: { name: '__Host-stagedoor.csrf-token', options },
};
