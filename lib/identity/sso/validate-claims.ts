import { z } from 'zod';
import type { Role } from '#lib/platform/authorization/roles.ts';
import type { RoleByClaim, SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { withoutSlash } from '#lib/platform/http/web-url.ts';

/** What a provider tells of a person, in an ID token that was checked or at its UserInfo endpoint. */
export type Claims = Record<string, unknown>;

/** Somebody whom the provider knows, as far as what it says is to be believed. */
export type OidcProfile = {
  /** Who they are for good (OpenID Connect Core 1.0, 2 and 5.7): as `identities.issuerAndSubject` has it. */
  issuerAndSubject: string;
  /** Only where the provider vouches for it; null otherwise. */
  email: string | null;
  /** Empty where the provider does not say. */
  name: string;
  /** By their claim; undefined where roles are given by hand. */
  role: Role | null | undefined;
  /**
   * When they last proved to the provider who they are, by its clock; null where it does not say. `now`: it neither says
   * nor asks anew, so that coming from there has to do.
   */
  authenticatedAt: Date | 'now' | null;
};

export type ClaimsResult =
  | { ok: true; holder: OidcProfile }
  /** `foreign`: of another organisation than the settings allow. */
  | { ok: false; reason: 'malformed' | 'foreign' };

/** As many as `lib/identity/users/schema.ts` lets anybody type. */
const NAME_MAX = 100;
/** As long as each can be. `sub`: as OpenID Connect Core 1.0, 2, has it. */
export const LONGEST = { iss: 500, sub: 255 };

/** A text without what cannot be shown; among it what PostgreSQL cannot hold: NUL and halves of characters. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
}

const claimsSchema = z.object({
  iss: z.string().max(LONGEST.iss),
  // ASCII (OpenID Connect Core 1.0, 2). A space would be ambiguous in what is stored.
  sub: z
    .string()
    .max(LONGEST.sub)
    .regex(/^[\x21-\x7e]+$/),
  name: z.string().catch(''),
  email: z.string().trim().max(254).pipe(z.email()).nullable().catch(null),
  // Amazon Cognito writes it as a text.
  email_verified: z
    .union([z.literal(true), z.literal('true')])
    .nullable()
    .catch(null),
  auth_time: z.int().positive().max(253_402_300_799).nullable().catch(null),
  hd: z.string().nullable().catch(null),
  idp: z.string().nullable().catch(null),
  acct: z
    .union([z.literal(0), z.literal('0')])
    .nullable()
    .catch(null),
});

type Read = z.infer<typeof claimsSchema>;

/**
 * Whether the provider vouches for the address. Entra has no `email_verified`: there a tenant's administrators give
 * addresses, which is as good within the one tenant of the settings, but for guests, who bring theirs along. Its
 * optional claim `acct` has to say that somebody is none.
 */
function isEmailVouchedFor({ provider }: SingleSignOn, { iss, email_verified, idp, acct }: Read): boolean {
  if (email_verified) return true;
  return provider === 'entra' && acct !== null && (idp === null || idp === iss);
}

const isRecord = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Google asks nobody anew, whatever `prompt` and `max_age` say, and tells `auth_time` only to applications that it has
 * verified (https://developers.google.com/identity/siwg/security-bundle).
 */
function authenticatedAt({ provider }: SingleSignOn, { auth_time }: Read): OidcProfile['authenticatedAt'] {
  if (provider === 'google') return 'now';
  return auth_time === null ? null : new Date(auth_time * 1000);
}

/** By its name (which may have dots in it: `https://example.org/roles`), or step by step (`realm_access.roles`). */
export function claimNamed(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (within, step) => (isRecord(within) && Object.hasOwn(within, step) ? within[step] : undefined),
      claims,
    );
}

/** Entra names a claim that did not fit into the token here: that is not to have none of its values. */
function isElsewhere(claims: Claims, { claim }: RoleByClaim): boolean {
  const names = claims._claim_names;
  return isRecord(names) && Object.hasOwn(names, claim);
}

function roleOf(claims: Claims, { claim, administrators, viewers }: RoleByClaim): Role | null {
  const value = claimNamed(claims, claim);
  const given = Array.isArray(value) ? value : [value];
  if (administrators.some((each) => given.includes(each))) return 'settings_administrator';
  return viewers.some((each) => given.includes(each)) ? 'settings_viewer' : null;
}

/** Judges what the provider tells of a person, whose signature, audience, nonce and expiry were checked before. */
export function validateClaims(settings: SingleSignOn, claims: Claims): ClaimsResult {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) return { ok: false, reason: 'malformed' };
  const read = parsed.data;
  if (settings.roles && isElsewhere(claims, settings.roles)) return { ok: false, reason: 'malformed' };
  // A discovery document could name another issuer than the one that was asked for it (OpenID Connect Discovery, 4.3).
  if (withoutSlash(read.iss) !== withoutSlash(settings.issuer)) return { ok: false, reason: 'foreign' };
  if (settings.hostedDomain && read.hd?.toLowerCase() !== settings.hostedDomain)
    return { ok: false, reason: 'foreign' };
  return {
    ok: true,
    holder: {
      issuerAndSubject: `${read.iss} ${read.sub}`,
      email: isEmailVouchedFor(settings, read) ? read.email : null,
      name: [...printable(read.name.normalize('NFC')).trim()].slice(0, NAME_MAX).join(''),
      role: settings.roles ? roleOf(claims, settings.roles) : undefined,
      authenticatedAt: authenticatedAt(settings, read),
    },
  };
}
