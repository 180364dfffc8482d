import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { log } from '#lib/log.ts';
import { settings } from '#lib/settings.ts';
import { authorizePasskey, authorizePassword, authorizeSecondStep } from './authorize.ts';
import { AUTH_COOKIES } from './cookies.ts';
import { sessionSecret } from './secret.ts';

const TWELVE_HOURS = 12 * 60 * 60;
/** What the browser sends is JSON: a code, or what an authenticator has signed. */
const ANSWER = { answer: { type: 'text' } };

/** A way back into this site; anything else leads to its first page. */
function ownUrl(url: string, publicUrl: string): string {
  const target = URL.parse(url, publicUrl);
  return target?.origin === publicUrl ? target.href : publicUrl;
}

/**
 * next-auth as we use it: it checks the CSRF token, asks `signIn`, and keeps the id of the session's row in an
 * encrypted cookie. Whether that session is alive, and whose it is, is read from the row (`session.ts`).
 *
 * A function, since settings are not there while Next.js builds.
 */
export function authOptions(): NextAuthOptions {
  const { publicUrl } = settings();
  return {
    secret: sessionSecret(),
    cookies: AUTH_COOKIES,
    pages: { signIn: '/sign-in', error: '/sign-in', signOut: '/sign-in' },
    // The row's 12 hours, by the database's clock, are what counts: a token that lasts longer by this
    // process's clock never cuts them short.
    session: { strategy: 'jwt', maxAge: TWELVE_HOURS },
    jwt: { maxAge: 2 * TWELVE_HOURS },
    providers: [
      CredentialsProvider({
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: authorizePassword,
      }),
      CredentialsProvider({ id: 'second-step', credentials: ANSWER, authorize: authorizeSecondStep }),
      CredentialsProvider({ id: 'passkey', credentials: ANSWER, authorize: authorizePasskey }),
    ],
    callbacks: {
      // What next-auth would put in (name, email, picture, sub) is left out.
      jwt: ({ token, user }) => ({ sid: user ? user.id : token.sid }),
      redirect: ({ url }) => ownUrl(url, publicUrl),
    },
    logger: {
      error: (code, metadata) => log.warn('next_auth.error', { code, message: metadata.message }),
      warn: (code) => log.warn('next_auth.warning', { code }),
      debug: () => {},
    },
  };
}
