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

/** Error codes of a provider (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6). */
const PROVIDER_ERRORS = new Set([
  ...['access_denied', 'invalid_request', 'invalid_scope', 'server_error', 'temporarily_unavailable'],
  ...['unauthorized_client', 'unsupported_response_type', 'interaction_required', 'login_required'],
  ...['account_selection_required', 'consent_required', 'request_not_supported'],
]);

type LoggedError = Error | { error?: Error; message?: unknown };

/**
 * Returns whether next-auth logs the parameter `error` of the callback's URL. It does so twice: in an object, and then as an
 * error that it has not wrapped.
 */
const isUrlError = (code: string, metadata: LoggedError) =>
  code === (metadata instanceof Error ? 'OAUTH_CALLBACK_ERROR' : 'OAUTH_CALLBACK_HANDLER_ERROR');

/**
 * Returns the error message of what next-auth logs: an error, or an object that contains an error or a message. Leaves out
 * what the message repeats of the callback's URL, which anyone can request.
 */
function getErrorMessage(code: string, metadata: LoggedError): string | undefined {
  const error = metadata instanceof Error ? metadata : (metadata.error ?? metadata);
  const message = typeof error.message === 'string' ? error.message : undefined;
  if (isUrlError(code, metadata)) return message && PROVIDER_ERRORS.has(message) ? message : undefined;
  return message?.replace(/^((?:state|iss) mismatch), expected .*$/s, '$1');
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
          log.warn('next_auth.error', { code, message: getErrorMessage(code, metadata), count }),
        ),
      warn: (code) =>
        limitLines(`warning ${code}`, (count) => log.warn('next_auth.warning', { code, count })),
      debug: () => {},
    },
  };
}
