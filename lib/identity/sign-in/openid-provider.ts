import type { OAuthConfig } from 'next-auth/providers/oauth';
import { type Claims, claimNamed } from '#lib/identity/sso/validate-claims.ts';
import type { SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { withoutSlash } from '#lib/platform/http/web-url.ts';

type AuthorizationParameters = { scope: string; prompt?: string; max_age?: number };

const TWELVE_HOURS = 12 * 60 * 60;
const TIMEOUT_MS = 5000;

/** `email_verified` is about the address beside it, so both are of one source; else the ID token, which is signed, wins. */
function together(claims: Claims, info: Claims): Claims {
  const { email, email_verified } = 'email' in claims ? claims : info;
  return { ...info, ...claims, email, email_verified };
}

/**
 * What a provider is asked for beyond the usual. With `max_age` its ID token has to say when it last asked the person
 * (`auth_time`; OpenID Connect Core 1.0, 3.1.2.1). `prompt` alone would prove nothing: it passes through the browser.
 */
function askedFor({ provider }: SingleSignOn, anew: boolean): AuthorizationParameters {
  const scope = 'openid email profile';
  if (provider === 'google') return { scope, ...(anew && { prompt: 'select_account' }) };
  return anew ? { scope, prompt: 'login', max_age: 0 } : { scope, max_age: TWELVE_HOURS };
}

/**
 * The OpenID provider as next-auth needs it: found by its discovery document; with PKCE, state and nonce; the ID token's
 * signature, audience, nonce and expiry are checked there. What it tells is judged by `validateClaims`.
 * @param anew for somebody who is signed in and has to prove who they are once more
 */
export function openidProvider(singleSignOn: SingleSignOn, anew: boolean): OAuthConfig<Claims> {
  const { issuer, name, clientId, clientSecret, roles } = singleSignOn;
  const isMissing = (claims: Claims) =>
    claims.email === undefined || (roles !== null && claimNamed(claims, roles.claim) === undefined);
  return {
    id: 'oidc',
    type: 'oauth',
    name,
    wellKnown: `${withoutSlash(issuer)}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    checks: ['pkce', 'state', 'nonce'],
    idToken: true,
    authorization: { params: askedFor(singleSignOn, anew) },
    httpOptions: { timeout: TIMEOUT_MS },
    // By the standard, what a scope asks for is told there and not in the ID token (OpenID Connect Core 1.0, 5.4).
    userinfo: {
      async request({ tokens, client }) {
        const claims: Claims = (tokens as { claims(): Claims }).claims();
        if (!client.issuer.metadata.userinfo_endpoint || !isMissing(claims)) return claims;
        // It refuses what is told of another `sub` than the ID token's.
        return together(claims, await client.userinfo(tokens as Parameters<typeof client.userinfo>[0]));
      },
    },
    profile: (claims) => ({ id: String(claims.sub) }),
  };
}
