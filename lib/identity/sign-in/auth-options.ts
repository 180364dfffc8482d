import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { authCookies, sessionSecret } from '#lib/identity/sessions/cookies.ts';
import type { Claims } from '#lib/identity/sso/validate-claims.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { authorizePasskey, authorizePassword, authorizeSecondStep } from './authorize.ts';
import { buildSsoErrorUrl, completeSso } from './complete-sso.ts';
import { openidProvider } from './openid-provider.ts';

const TWELVE_HOURS = 12 * 60 * 60;
/** JSON: a code, or the response of an authenticator. */
const JSON_ANSWER = { answer: { type: 'text' } };

/** Returns the message of what next-auth logs: an error, or an object that contains one, such as a provider's. */
function errorMessage(metadata: Error | { error?: Error; message?: unknown }): string | undefined {
  if (metadata instanceof Error) return metadata.message;
  return metadata.error?.message ?? (typeof metadata.message === 'string' ? metadata.message : undefined);
}

/** Returns the URL if it is on this site, otherwise the home page: prevents open redirects. */
function toSameOriginUrl(url: string, publicUrl: string): string {
  const target = URL.parse(url, publicUrl);
  return target?.origin === publicUrl ? target.href : publicUrl;
}

const LOCAL_PROVIDERS = [
  CredentialsProvider({
    credentials: { email: { type: 'email' }, password: { type: 'password' } },
    authorize: authorizePassword,
  }),
  CredentialsProvider({ id: 'second-step', credentials: JSON_ANSWER, authorize: authorizeSecondStep }),
  CredentialsProvider({ id: 'passkey', credentials: JSON_ANSWER, authorize: authorizePasskey }),
];

/**
 * Returns next-auth's options. next-auth checks the CSRF token, calls the providers, and stores the id of the session's
 * row in an encrypted cookie. `session.ts` reads from the row whether the session is active, and whose it is.
 *
 * A function, because Next.js builds without settings.
 * @param forceLogin makes the provider re-authenticate a signed-in user
 */
export function authOptions({ forceLogin = false } = {}): NextAuthOptions {
  const { publicUrl, singleSignOn, passwordSignIn } = settings();
  return {
    secret: sessionSecret(),
    cookies: authCookies(),
    pages: { signIn: '/sign-in', error: '/sign-in', signOut: '/sign-in' },
    // The row's 12 hours decide, by the database's clock. The token lasts longer, as this process's clock may be off.
    session: { strategy: 'jwt', maxAge: TWELVE_HOURS },
    jwt: { maxAge: 2 * TWELVE_HOURS },
    providers: [
      ...(passwordSignIn ? LOCAL_PROVIDERS : []),
      ...(singleSignOn ? [openidProvider(singleSignOn, forceLogin)] : []),
    ],
    callbacks: {
      signIn: async ({ account, user, profile }) => {
        if (account?.provider !== 'oidc') return true;
        const result = await completeSso(profile as Claims | undefined);
        if (!result.ok) return buildSsoErrorUrl(result.reason);
        // `jwt` below reads it.
        user.id = result.sessionId;
        return true;
      },
      // Drops what next-auth adds: name, email, picture and sub.
      jwt: ({ token, user }) => ({ sid: user ? user.id : token.sid }),
      redirect: ({ url }) => toSameOriginUrl(url, publicUrl),
    },
    logger: {
      error: (code, metadata) => log.warn('next_auth.error', { code, message: errorMessage(metadata) }),
      warn: (code) => log.warn('next_auth.warning', { code }),
      debug: () => {},
    },
  };
}
