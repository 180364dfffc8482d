import type { OAuthConfig } from 'next-auth/providers/oauth';
import { parseSsoError, type SsoError } from '#lib/identity/sso/errors.ts';
import { type Claims, readClaim } from '#lib/identity/sso/validate-claims.ts';
import type { SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { removeTrailingSlash } from '#lib/platform/http/web-url.ts';
import { acceptAnnouncedAlgorithms, SigningAlgorithmError } from './signing-algorithm.ts';

type AuthorizationParameters = { scope: string; prompt?: string; max_age?: number };

const TWELVE_HOURS = 12 * 60 * 60;
const TIMEOUT_MS = 5000;

/**
 * Merges UserInfo into the ID token's claims. The ID token takes precedence, because it is signed. `email` and
 * `email_verified` always come from the same source, because `email_verified` is about that `email`.
 */
function mergeUserInfo(claims: Claims, userInfo: Claims): Claims {
  const { email, email_verified } = 'email' in claims ? claims : userInfo;
  return { ...userInfo, ...claims, email, email_verified };
}

/** The parameters of a response with an authorization code (RFC 6749, 4.1.2; RFC 9207, 2). */
const CODE_PARAMETERS = new Set(['code', 'state', 'iss']);

/**
 * Keeps the parameters of the code flow. openid-client accepts tokens in the callback's URL, too, which anyone can put
 * there; ours come from the token endpoint only.
 */
const pickCodeParameters = <Parameters extends object>(parameters: Parameters): Partial<Parameters> =>
  Object.fromEntries(
    Object.entries(parameters).filter(([name]) => CODE_PARAMETERS.has(name)),
  ) as Partial<Parameters>;

/** Returns why tokens were refused; null if the reason would not help the user. */
function findTokenProblem(error: unknown): SsoError | null {
  if (error instanceof SigningAlgorithmError) return 'unsupported_algorithm';
  const { message } = error as Error;
  const isNonceMissing = /^nonce mismatch, .*, got: undefined$/.test(message);
  const claim = isNonceMissing ? 'nonce' : /^missing required JWT property (\w+)$/.exec(message)?.[1];
  return parseSsoError(`missing_${claim}`) ?? null;
}

/**
 * Returns the parameters of the authorization request. `max_age` makes the provider include `auth_time` in the ID token
 * (OpenID Connect Core 1.0, 3.1.2.1). `prompt` alone proves nothing, because a browser can remove it from the request.
 */
function getAuthorizationParameters(
  { provider }: SingleSignOn,
  forceLogin: boolean,
): AuthorizationParameters {
  const scope = 'openid email profile';
  // Google ignores `login` and `max_age`, so it cannot be made to authenticate the user again. It only asks the user to
  // choose an account.
  if (provider === 'google') return { scope, ...(forceLogin && { prompt: 'select_account' }) };
  return forceLogin ? { scope, prompt: 'login', max_age: 0 } : { scope, max_age: TWELVE_HOURS };
}

export type OpenidProviderOptions = {
  /** Whether the provider must authenticate the user again. */
  forceLogin?: boolean;
  /** Receives why the provider's tokens were refused, if the reason helps the user. */
  onTokenRefused?: (reason: SsoError) => void;
};

/**
 * Creates the OpenID provider for next-auth. next-auth reads the discovery document and uses PKCE, state and nonce. It
 * also verifies the ID token's signature, audience, nonce and expiry. `validateClaims` validates the other claims.
 */
export function createOpenidProvider(
  singleSignOn: SingleSignOn,
  { forceLogin = false, onTokenRefused }: OpenidProviderOptions,
): OAuthConfig<Claims> {
  const { issuer, name, clientId, clientSecret, roles } = singleSignOn;
  const needsUserInfo = (claims: Claims) =>
    claims.email === undefined || (roles !== null && readClaim(claims, roles.claim) === undefined);
  return {
    id: 'oidc',
    type: 'oauth',
    name,
    wellKnown: `${removeTrailingSlash(issuer)}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    checks: ['pkce', 'state', 'nonce'],
    idToken: true,
    authorization: { params: getAuthorizationParameters(singleSignOn, forceLogin) },
    httpOptions: { timeout: TIMEOUT_MS },
    token: {
      async request({ client, provider, params, checks }) {
        acceptAnnouncedAlgorithms(client);
        try {
          const response = pickCodeParameters(params);
          return {
            tokens: await client.callback(provider.callbackUrl, response, {
              ...checks,
              response_type: 'code',
            }),
          };
        } catch (error) {
          const reason = findTokenProblem(error);
          if (reason) onTokenRefused?.(reason);
          throw error;
        }
      },
    },
    // Providers may return the claims of a scope at the UserInfo endpoint only (OpenID Connect Core 1.0, 5.4).
    userinfo: {
      async request({ tokens, client }) {
        const claims: Claims = (tokens as { claims(): Claims }).claims();
        if (!client.issuer.metadata.userinfo_endpoint || !needsUserInfo(claims)) return claims;
        // `userinfo` throws if its `sub` differs from the ID token's.
        return mergeUserInfo(claims, await client.userinfo(tokens as Parameters<typeof client.userinfo>[0]));
      },
    },
    profile: (claims) => ({ id: String(claims.sub) }),
  };
}
