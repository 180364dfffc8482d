import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { authCookies } from '#lib/identity/sessions/cookies.ts';
import { sessionSecret } from '#lib/identity/sessions/secrets.ts';
import type { Claims } from '#lib/identity/sso/validate-claims.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { authorizePasskey, authorizePassword, authorizeSecondStep } from './authorize.ts';
import { authorizeAtProvider, ssoErrorPage } from './authorize-at-provider.ts';
import { openidProvider } from './openid-provider.ts';

const TWELVE_HOURS = 12 * 60 * 60;
/** What the browser sends is JSON: a code, or what an authenticator has signed. */
const ANSWER = { answer: { type: 'text' } };

/** next-auth hands on an error, or an object with one: of a provider that could not be asked, or said no. */
function messageIn(metadata: Error | { error?: Error; message?: unknown }): string | undefined {
  if (metadata instanceof Error) return metadata.message;
  return metadata.error?.message ?? (typeof metadata.message === 'string' ? metadata.message : undefined);
}

/** A way back into this site; anything else leads to its first page. */
function ownUrl(url: string, publicUrl: string): string {
  const target = URL.parse(url, publicUrl);
  return target?.origin === publicUrl ? target.href : publicUrl;
}

/** What the person has here. */
const OWN_WAYS = [
  CredentialsProvider({
    credentials: { email: { type: 'email' }, password: { type: 'password' } },
    authorize: authorizePassword,
  }),
  CredentialsProvider({ id: 'second-step', credentials: ANSWER, authorize: authorizeSecondStep }),
  CredentialsProvider({ id: 'passkey', credentials: ANSWER, authorize: authorizePasskey }),
];

/**
 * next-auth as we use it: it checks the CSRF token, asks `signIn`, and keeps the id of the session's row in an
 * encrypted cookie. Whether that session is alive, and whose it is, is read from the row (`session.ts`).
 *
 * A function, since settings are not there while Next.js builds.
 * @param anew whoever is signed in is to prove to the provider who they are once more
 */
export function authOptions({ anew = false } = {}): NextAuthOptions {
  const { publicUrl, singleSignOn, passwordSignIn } = settings();
  return {
    secret: sessionSecret(),
    cookies: authCookies(),
    pages: { signIn: '/sign-in', error: '/sign-in', signOut: '/sign-in' },
    // The row's 12 hours, by the database's clock, are what counts: a token that lasts longer by this
    // process's clock never cuts them short.
    session: { strategy: 'jwt', maxAge: TWELVE_HOURS },
    jwt: { maxAge: 2 * TWELVE_HOURS },
    providers: [
      ...(passwordSignIn ? OWN_WAYS : []),
      ...(singleSignOn ? [openidProvider(singleSignOn, anew)] : []),
    ],
    callbacks: {
      signIn: async ({ account, user, profile }) => {
        if (account?.provider !== 'oidc') return true;
        const authorized = await authorizeAtProvider(profile as Claims | undefined);
        if (!authorized.ok) return ssoErrorPage(authorized.reason);
        // Handed on to `jwt` below.
        user.id = authorized.sessionId;
        return true;
      },
      // What next-auth would put in (name, email, picture, sub) is left out.
      jwt: ({ token, user }) => ({ sid: user ? user.id : token.sid }),
      redirect: ({ url }) => ownUrl(url, publicUrl),
    },
    logger: {
      error: (code, metadata) => log.warn('next_auth.error', { code, message: messageIn(metadata) }),
      warn: (code) => log.warn('next_auth.warning', { code }),
      debug: () => {},
    },
  };
}
