import {
  and,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  not,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from 'drizzle-orm';
import { union } from 'drizzle-orm/pg-core';
import type { Queryable } from '#db/client.ts';
import { apiAccountAddresses } from '#db/schema/api-account-addresses.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { reveals } from '#db/schema/reveals.ts';
import { isAccountExpired, isRevealExpired, isRevealLocked } from '#lib/account-state/conditions.ts';
import { selectLeakedAccounts } from '#lib/account-state/leak.ts';
import { noticeProblemRow, problemRows } from '#lib/account-state/problem-rows.ts';
import { type AccountTab, EXPIRING_DAYS } from './list-filter.ts';
import { isStillRefused } from './networks/refused.ts';
import { selectUnusedAccounts } from './select-unused.ts';

/** Selects the ids of accounts with a problem of the newest notice of a contact change. */
const selectAccountsWithNoticeProblem = (database: Queryable, condition: SQL | undefined) =>
  database
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(
      and(
        inArray(
          apiAccounts.id,
          database
            .select({ id: contactChanges.accountId })
            .from(contactChanges)
            .where(sql`${contactChanges.at} > now() - interval '7 days'`),
        ),
        condition,
        sql`${noticeProblemRow} is not null`,
      ),
    )
    .$dynamic();

/**
 * Selects the ids of accounts that need attention, as `needsAttention` decides it, by way of what may be wrong with
 * them: partial indexes contain only reveals that have not ended well, open reports, recent contact changes and refused IP
 * addresses, and the table of leaks has few rows.
 * @param options.limit for each of the five, to bound the time of counting
 * @param options.among selects the ids of the only accounts that are considered
 */
export function selectAccountsThatNeedAttention(
  database: Queryable,
  { limit, among }: { limit?: number; among?: SQL } = {},
) {
  const isAmong = (id: SQLWrapper) => among && sql`${id} in (${among})`;
  const withDeliveryProblem = database
    .select({ id: apiAccounts.id })
    .from(reveals)
    .innerJoin(apiAccounts, and(eq(apiAccounts.id, reveals.accountId), eq(apiAccounts.revealId, reveals.id)))
    .where(
      and(
        // The predicate of the index `reveals_unfinished`.
        or(isNull(reveals.endedAt), eq(reveals.endReason, sql`'locked'`)),
        isAmong(reveals.accountId),
        or(
          and(
            apiAccounts.active,
            not(isAccountExpired),
            isNull(apiAccounts.keyDigest),
            or(isRevealLocked, isRevealExpired),
          ),
          sql`${problemRows} is not null`,
        ),
      ),
    )
    .$dynamic();
  const withOpenReport = database
    .select({ id: contactChanges.accountId })
    .from(contactChanges)
    .where(
      and(
        isNotNull(contactChanges.reportedAt),
        isNull(contactChanges.resolvedAt),
        isAmong(contactChanges.accountId),
      ),
    )
    .$dynamic();
  const withNoticeProblem = selectAccountsWithNoticeProblem(database, isAmong(apiAccounts.id));
  const withRefusedNetwork = database
    .select({ id: apiAccountAddresses.accountId })
    .from(apiAccountAddresses)
    .innerJoin(apiAccounts, eq(apiAccounts.id, apiAccountAddresses.accountId))
    .where(and(isStillRefused, isAmong(apiAccountAddresses.accountId)))
    .$dynamic();
  const withLeakedKey = selectLeakedAccounts(
    database,
    and(sql`${apiAccounts.active}`, not(isAccountExpired), isAmong(apiAccounts.id)),
  );
  if (limit === undefined)
    return union(withDeliveryProblem, withOpenReport, withNoticeProblem, withRefusedNetwork, withLeakedKey);
  return union(
    withDeliveryProblem.limit(limit),
    withOpenReport.limit(limit),
    withNoticeProblem.limit(limit),
    withRefusedNetwork.limit(limit),
    withLeakedKey.limit(limit),
  );
}

/**
 * Selects whether an active account has expired or will soon. Implies the predicate of the index `api_accounts_expiry`. One
 * day more, because reminders are sent at the start of a day.
 */
export const isExpiring = sql<boolean>`(${apiAccounts.active}
  and ${apiAccounts.expiresAt} < now() + make_interval(days => ${EXPIRING_DAYS + 1}))`;

/** Builds the condition for the accounts in a tab; undefined for all. */
export function buildTabCondition(database: Queryable, tab: AccountTab): SQL | undefined {
  switch (tab) {
    case 'all':
      return undefined;
    case 'needs_attention':
      return inArray(apiAccounts.id, selectAccountsThatNeedAttention(database));
    // The predicates of the indexes `api_accounts_active` and `api_accounts_inactive`.
    case 'active':
      return and(
        sql`${apiAccounts.active}`,
        isNotNull(apiAccounts.keyDigest),
        // Not by way of `isAccountExpired`, because the planner could not estimate it.
        or(isNull(apiAccounts.expiresAt), gt(apiAccounts.expiresAt, sql`now()`)),
      );
    case 'inactive':
      return sql`not ${apiAccounts.active}`;
    case 'expiring':
      return isExpiring;
    case 'unused':
      return inArray(apiAccounts.id, selectUnusedAccounts(database));
  }
}
