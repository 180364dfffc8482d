import type { OAuthConfig } from 'next-auth/providers/oauth';
import { type Claims, readClaim } from '#lib/identity/sso/validate-claims.ts';
import type { SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { removeTrailingSlash } from '#lib/platform/http/web-url.ts';

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

/**
 * Creates the OpenID provider for next-auth. next-auth reads the discovery document and uses PKCE, state and nonce. It
 * also verifies the ID token's signature, audience, nonce and expiry. `validateClaims` validates the other claims.
 * @param forceLogin whether the provider must authenticate the user again
 */
export function createOpenidProvider(singleSignOn: SingleSignOn, forceLogin: boolean): OAuthConfig<Claims> {
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
