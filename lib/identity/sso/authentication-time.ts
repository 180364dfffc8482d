import { type SQL, sql } from 'drizzle-orm';
import { settings } from '#lib/platform/config/settings.ts';
import type { OidcProfile } from './validate-claims.ts';

type UserFactors = {
  /** The number of the user's passkeys and authenticator apps in Stagedoor. */
  factorCount: number;
};

/**
 * Returns whether the user must re-authenticate with a second factor in Stagedoor, because the provider cannot authenticate
 * them again: it may have used an old session (OWASP ASVS 5.0, 7.5.1).
 */
export function requiresLocalFactor(
  { authenticatedAt }: Pick<OidcProfile, 'authenticatedAt'>,
  { factorCount }: UserFactors,
): boolean {
  return authenticatedAt === 'now' && factorCount > 0 && settings().isLocalAuthEnabled;
}

/**
 * Returns when the user last authenticated at the provider, as SQL, and never later than now by the database's clock.
 *
 * A provider that does not report the time (null) may have used an old session, so the authentication does not count as
 * recent. `now` stands for a provider that can neither report the time nor re-authenticate: each sign-in there counts as
 * recent, unless the user has a second factor in Stagedoor.
 */
export function toAuthenticationTime(
  profile: Pick<OidcProfile, 'authenticatedAt'>,
  user: UserFactors,
): SQL<Date> {
  const { authenticatedAt } = profile;
  if (requiresLocalFactor(profile, user)) return sql`to_timestamp(0)`;
  if (authenticatedAt === 'now') return sql`now()`;
  if (!authenticatedAt) return sql`to_timestamp(0)`;
  return sql`least(now(), ${authenticatedAt.toISOString()}::timestamptz)`;
}
