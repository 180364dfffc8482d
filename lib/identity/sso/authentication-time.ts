import { type SQL, sql } from 'drizzle-orm';
import type { OidcProfile } from './validate-claims.ts';

/**
 * Returns when the user last authenticated at the provider, as SQL, and never later than now by the database's clock. If
 * the provider does not report the time, it may have used an old session, so the authentication must not count as recent.
 */
export function toAuthenticationTime({ authenticatedAt }: Pick<OidcProfile, 'authenticatedAt'>): SQL<Date> {
  if (authenticatedAt === 'now') return sql`now()`;
  if (!authenticatedAt) return sql`to_timestamp(0)`;
  return sql`least(now(), ${authenticatedAt.toISOString()}::timestamptz)`;
}
