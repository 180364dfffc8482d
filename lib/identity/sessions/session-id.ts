import { decode } from 'next-auth/jwt';
import { validate } from 'uuid';
import { deriveSessionSecret, getCookieSettings } from './cookies.ts';

/** Returns the id of the session that a session cookie's value contains, which may have ended; null if it is not valid. */
export async function decodeSessionId(token: string | undefined): Promise<string | null> {
  if (!token) return null;
  // `decode` throws if the token was modified, has another secret or has expired.
  const claims = await decode({ token, secret: deriveSessionSecret() }).catch(() => null);
  return typeof claims?.sid === 'string' && validate(claims.sid) ? claims.sid : null;
}

/**
 * Returns the id of the session that a Cookie header contains, which may have ended; null if there is none.
 * Clients cannot forge such a cookie, and reading it needs no database.
 */
export async function findSessionId(cookieHeader: string | undefined): Promise<string | null> {
  const prefix = `${getCookieSettings().session}=`;
  const cookie = cookieHeader?.split(';').find((pair) => pair.trimStart().startsWith(prefix));
  return decodeSessionId(cookie?.trim().slice(prefix.length));
}
