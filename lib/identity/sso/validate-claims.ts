import { z } from 'zod';
import { MAX_NAME_LENGTH } from '#lib/identity/users/schema.ts';
import type { Role } from '#lib/platform/authorization/roles.ts';
import type { RoleByClaim, SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { removeTrailingSlash } from '#lib/platform/http/web-url.ts';
import { isEmailAddress, toAsciiDomain } from '#lib/platform/user-input/email.ts';
import { normalizeName, removeUnprintable } from '#lib/platform/user-input/name.ts';

/** The claims of a verified ID token or of the UserInfo endpoint. */
export type Claims = Record<string, unknown>;

/** `no_email`: the provider says that it has not verified the address, or the user is a guest. */
type EmailProblem =
  | 'no_email'
  | 'invalid_email'
  | 'missing_email'
  | 'missing_email_verified'
  | 'missing_acct';

/** The validated claims about a user. */
export type OidcProfile = {
  /** The stable identifier (OpenID Connect Core 1.0, section 5.7), in the form of `identities.issuerAndSubject`. */
  issuerAndSubject: string;
  /** Null unless the provider has verified it. */
  email: string | null;
  /** Why `email` is null. */
  emailProblem?: EmailProblem | undefined;
  /** Empty if the provider sends no name. */
  name: string;
  /** The role from the claim, null if it gives no role; undefined if the settings map no claim to roles. */
  role: Role | null | undefined;
  /** Whether the settings map a claim to roles, and the provider did not send it. */
  isRoleClaimMissing?: boolean;
  /**
   * When the user last authenticated at the provider, by its clock; null if it does not report the time. `now`: the
   * provider neither reports the time nor re-authenticates users, so each sign-in there counts as an authentication.
   */
  authenticatedAt: Date | 'now' | null;
};

export type ClaimsResult =
  | { ok: true; profile: OidcProfile }
  /**
   * `wrong_organisation`: the account belongs to an organisation that the settings do not allow. `missing_role_claim`: Entra
   * left the claim for roles out, so the user's role is unknown.
   */
  | {
      ok: false;
      reason: 'malformed' | 'wrong_organisation' | 'missing_iss' | 'missing_sub' | 'missing_role_claim';
    };

/** OpenID Connect Core 1.0, section 2 limits `sub` to 255 characters. */
export const MAX_CLAIM_LENGTH = { iss: 500, sub: 255 };

const claimsSchema = z.object({
  iss: z.string().max(MAX_CLAIM_LENGTH.iss),
  // ASCII (OpenID Connect Core 1.0, section 2), without spaces: in the stored identity, a space separates issuer and
  // subject.
  sub: z
    .string()
    .max(MAX_CLAIM_LENGTH.sub)
    .regex(/^[\x21-\x7e]+$/),
  name: z.string().catch(''),
  // Only validated: the address that the provider has verified must not be read as another one.
  email: z.string().trim().max(254).transform(toAsciiDomain).refine(isEmailAddress).nullable().catch(null),
  // Amazon Cognito sends a string.
  email_verified: z
    .union([z.literal(true), z.literal('true')])
    .nullable()
    .catch(null),
  // A string is accepted, too. Until the end of the year 9999: PostgreSQL cannot parse later times in ISO 8601.
  auth_time: z
    .union([z.number(), z.string().regex(/^\d+$/)])
    .transform(Number)
    .pipe(z.int().positive().max(253_402_300_799))
    .nullable()
    .catch(null),
  // Google: the user's Workspace domain.
  hd: z.string().nullable().catch(null),
  // Entra: the issuer at which a guest authenticated.
  idp: z.string().nullable().catch(null),
  // Entra: 0 for members, 1 for guests.
  acct: z
    .union([z.literal(0), z.literal('0')])
    .nullable()
    .catch(null),
});

type ParsedClaims = z.infer<typeof claimsSchema>;

/**
 * Returns whether the provider has verified the email address. Entra has no `email_verified`: a tenant's administrators
 * assign the addresses, except those of guests. Its optional claim `acct` must say that the user is not a guest.
 */
function isEmailVerified(
  { provider }: SingleSignOn,
  { iss, email_verified, idp, acct }: ParsedClaims,
): boolean {
  if (email_verified) return true;
  return provider === 'entra' && acct !== null && (idp === null || idp === iss);
}

const isMissing = (value: unknown) => value === undefined || value === null || value === '';

/** Returns why the email address cannot be used; undefined if it can. */
function findEmailProblem(
  settings: SingleSignOn,
  claims: Claims,
  parsed: ParsedClaims,
): EmailProblem | undefined {
  if (isMissing(claims.email)) return 'missing_email';
  if (parsed.email === null) return 'invalid_email';
  if (isEmailVerified(settings, parsed)) return undefined;
  if (settings.provider === 'entra') return isMissing(claims.acct) ? 'missing_acct' : 'no_email';
  return isMissing(claims.email_verified) ? 'missing_email_verified' : 'no_email';
}

const isRecord = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads when the user last authenticated. Google ignores `prompt` and `max_age` for re-authentication, and sends
 * `auth_time` only to verified applications (https://developers.google.com/identity/siwg/security-bundle).
 */
function readAuthenticationTime(
  { provider }: SingleSignOn,
  { auth_time }: ParsedClaims,
): OidcProfile['authenticatedAt'] {
  if (provider === 'google') return 'now';
  return auth_time === null ? null : new Date(auth_time * 1000);
}

/**
 * Reads a claim by its full name, which may contain dots (`https://example.org/roles`), or by path
 * (`realm_access.roles`).
 */
export function readClaim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (parent, key) => (isRecord(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined),
      claims,
    );
}

/**
 * Returns whether Entra left a claim out of the token because it was too long. Its values are then unknown, not empty.
 */
function isDistributedClaim(claims: Claims, { claim }: RoleByClaim): boolean {
  const claimNames = claims._claim_names;
  return isRecord(claimNames) && Object.hasOwn(claimNames, claim);
}

function readRole(claims: Claims, { claim, administrators, viewers }: RoleByClaim): Role | null {
  const value = readClaim(claims, claim);
  const values = Array.isArray(value) ? value : [value];
  if (administrators.some((name) => values.includes(name))) return 'settings_administrator';
  return viewers.some((name) => values.includes(name)) ? 'settings_viewer' : null;
}

/** Validates the claims of an ID token whose signature, audience, nonce and expiry are already verified. */
export function validateClaims(settings: SingleSignOn, claims: Claims): ClaimsResult {
  if (isMissing(claims.iss)) return { ok: false, reason: 'missing_iss' };
  if (isMissing(claims.sub)) return { ok: false, reason: 'missing_sub' };
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) return { ok: false, reason: 'malformed' };
  const parsedClaims = parsed.data;
  if (settings.roles && isDistributedClaim(claims, settings.roles))
    return { ok: false, reason: 'missing_role_claim' };
  // A discovery document could name another issuer than the configured one (OpenID Connect Discovery 1.0, section 4.3).
  if (removeTrailingSlash(parsedClaims.iss) !== removeTrailingSlash(settings.issuer))
    return { ok: false, reason: 'wrong_organisation' };
  if (settings.hostedDomain && parsedClaims.hd?.toLowerCase() !== settings.hostedDomain)
    return { ok: false, reason: 'wrong_organisation' };
  const emailProblem = findEmailProblem(settings, claims, parsedClaims);
  return {
    ok: true,
    profile: {
      issuerAndSubject: `${parsedClaims.iss} ${parsedClaims.sub}`,
      email: emailProblem ? null : parsedClaims.email,
      emailProblem,
      name: [...removeUnprintable(normalizeName(parsedClaims.name))].slice(0, MAX_NAME_LENGTH).join(''),
      role: settings.roles ? readRole(claims, settings.roles) : undefined,
      isRoleClaimMissing: settings.roles !== null && isMissing(readClaim(claims, settings.roles.claim)),
      authenticatedAt: readAuthenticationTime(settings, parsedClaims),
    },
  };
}
