import { encode } from 'next-auth/jwt';
import { deriveSessionSecret, getCookieSettings } from '#lib/identity/sessions/cookies.ts';

/** Creates the Cookie header of a browser that has a session, with the token that next-auth would create. */
export async function createSessionCookie(
  sessionId: string,
  secret: string = deriveSessionSecret(),
): Promise<string> {
  const token = await encode({ token: { sid: sessionId }, secret, maxAge: 3_600 });
  return `${getCookieSettings().session}=${token}`;
}
