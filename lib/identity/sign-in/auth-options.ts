import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { deriveSessionSecret, getNextAuthCookies } from '#lib/identity/sessions/cookies.ts';
import type { Claims } from '#lib/identity/sso/validate-claims.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLineLimiter } from '#lib/platform/line-limiter.ts';
import { log } from '#lib/platform/log.ts';
import { authorizePasskey, authorizePassword, authorizeSecondStep } from './authorize.ts';
import { buildSsoErrorUrl, completeSso } from './complete-sso.ts';
import { createOpenidProvider, type OpenidProviderOptions } from './openid-provider.ts';

/** Unauthenticated clients can cause these lines. */
const limitLines = createLineLimiter();

const TWELVE_HOURS = 12 * 60 * 60;
/** Form field with JSON: the second step, or a signed assertion. */
const JSON_CREDENTIALS = { input: { type: 'text' } };

/** Returns the error message of what next-auth logs: an error, or an object that contains an error or a message. */
function getErrorMessage(metadata: Error | { error?: Error; message?: unknown }): string | undefined {
  if (metadata instanceof Error) return metadata.message;
  return metadata.error?.message ?? (typeof metadata.message === 'string' ? metadata.message : undefined);
}

/** Returns the URL if it is on this site; otherwise the home page, to prevent open redirects. */
function toSameOriginUrl(url: string, publicUrl: string): string {
  const target = URL.parse(url, publicUrl);
  return target?.origin === publicUrl ? target.href : publicUrl;
}

const LOCAL_PROVIDERS = [
  CredentialsProvider({
    credentials: { email: { type: 'email' }, password: { type: 'password' } },
    authorize: authorizePassword,
  }),
  CredentialsProvider({ id: 'second-step', credentials: JSON_CREDENTIALS, authorize: authorizeSecondStep }),
  CredentialsProvider({ id: 'passkey', credentials: JSON_CREDENTIALS, authorize: authorizePasskey }),
];

/**
 * Returns next-auth's options. next-auth checks the CSRF token, calls the providers, and stores the id of the session's
 * row in an encrypted cookie. `touchSession` reads from the row whether the session is active, and whose it is.
 *
 * Reads the settings when it is called, because Next.js builds without them.
 */
export function getAuthOptions(openidOptions: OpenidProviderOptions = {}): NextAuthOptions {
  const { publicUrl, singleSignOn, isLocalAuthEnabled } = settings();
  return {
    secret: deriveSessionSecret(),
    cookies: getNextAuthCookies(),
    pages: { signIn: '/sign-in', error: '/sign-in', signOut: '/sign-in' },
    // The database's clock ends a session after 12 hours. The token is valid for longer, because this process's clock may
    // be wrong.
    session: { strategy: 'jwt', maxAge: TWELVE_HOURS },
    jwt: { maxAge: 2 * TWELVE_HOURS },
    providers: [
      ...(isLocalAuthEnabled ? LOCAL_PROVIDERS : []),
      ...(singleSignOn ? [createOpenidProvider(singleSignOn, openidOptions)] : []),
    ],
    callbacks: {
      signIn: async ({ account, user, profile }) => {
        if (account?.provider !== 'oidc') return true;
        const result = await completeSso(profile as Claims | undefined);
        if (!result.ok) return buildSsoErrorUrl(result.reason);
        // The `jwt` callback reads it.
        user.id = result.sessionId;
        return true;
      },
      // Removes what next-auth adds: name, email, picture and sub.
      jwt: ({ token, user }) => ({ sid: user ? user.id : token.sid }),
      redirect: ({ url }) => toSameOriginUrl(url, publicUrl),
    },
    logger: {
      error: (code, metadata) =>
        limitLines(`error ${code}`, (count) =>
          log.warn('next_auth.error', { code, message: getErrorMessage(metadata), count }),
        ),
      warn: (code) =>
        limitLines(`warning ${code}`, (count) => log.warn('next_auth.warning', { code, count })),
      debug: () => {},
    },
  };
}
