import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { leaks } from '#db/schema/leaks.ts';
import type { AccountLeak } from './status.ts';

/** How long an account shows that its previous key leaked. Its current key is not affected. */
const PREVIOUS_KEY_LEAK_DAYS = 30;

/** Matches the leaks since the account's last reset: a reset starts another reveal. */
const isSinceReset = sql`(${leaks.accountId} = ${apiAccounts.id}
  and ${leaks.revealId} is not distinct from ${apiAccounts.revealId})`;

/** Column for a query on accounts: whether the current key leaked, and was not reset since then. */
export const isKeyLeaked = sql<boolean>`exists (
  select from ${leaks} where ${isSinceReset} and ${leaks.key} = 'current')`;

/** A leak, as selected from the database. `at`: ISO 8601. */
type LeakRow = Omit<AccountLeak, 'at'> & { at: string };

/** Column for a query on accounts: the leak that their page shows; the current key's comes first. */
export const leakRow = sql<LeakRow | null>`(
  select json_build_object('key', ${leaks.key}, 'source', ${leaks.source}, 'url', ${leaks.url}, 'at', ${leaks.at})
  from ${leaks}
  where ${isSinceReset} and (${leaks.key} = 'current'
    or ${leaks.at} > now() - make_interval(days => ${PREVIOUS_KEY_LEAK_DAYS}))
  order by ${leaks.key}, ${leaks.at} desc limit 1)`;

export const parseLeak = (row: LeakRow | null): AccountLeak | null => row && { ...row, at: new Date(row.at) };

/**
 * Selects the ids of accounts whose key leaked and was not reset since then. Begins with the leaks, which are few.
 * @param condition a further one
 */
export const selectLeakedAccounts = (database: Queryable, condition?: SQL) =>
  database
    .select({ id: apiAccounts.id })
    .from(leaks)
    .innerJoin(apiAccounts, and(eq(apiAccounts.id, leaks.accountId), isSinceReset))
    .where(and(eq(leaks.key, sql`'current'`), isNull(apiAccounts.keyDigest), condition))
    .$dynamic();
