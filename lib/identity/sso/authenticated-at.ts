import { type SQL, sql } from 'drizzle-orm';
import type { OidcProfile } from './validate-claims.ts';

/**
 * When somebody last proved who they are: as their provider says, but never later than now by the database's clock.
 * A provider that does not say may just have remembered them from this morning: then it is no proof at all, since long
 * ago.
 */
export function authenticatedAt({ authenticatedAt }: Pick<OidcProfile, 'authenticatedAt'>): SQL<Date> {
  if (authenticatedAt === 'now') return sql`now()`;
  if (!authenticatedAt) return sql`to_timestamp(0)`;
  return sql`least(now(), ${authenticatedAt.toISOString()}::timestamptz)`;
}
