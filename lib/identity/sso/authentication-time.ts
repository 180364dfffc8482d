import { type SQL, sql } from 'drizzle-orm';
import type { OidcProfile } from './validate-claims.ts';

/**
 * Returns when the user last authenticated at the provider, as SQL, and never later than now by the database's clock.
 *
 * A provider that does not report the time (null) may have used an old session, so the authentication does not count as
 * recent. `now` stands for a provider that can neither report the time nor re-authenticate: each sign-in there counts as
 * recent.
 */
export function toAuthenticationTime({ authenticatedAt }: Pick<OidcProfile, 'authenticatedAt'>): SQL<Date> {
  if (authenticatedAt === 'now') return sql`now()`;
  if (!authenticatedAt) return sql`to_timestamp(0)`;
  return sql`least(now(), ${authenticatedAt.toISOString()}::timestamptz)`;
}
