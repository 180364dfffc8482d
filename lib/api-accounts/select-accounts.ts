import { and, eq, ilike, inArray, isNotNull, isNull, not, or, type SQL, sql } from 'drizzle-orm';
import { union } from 'drizzle-orm/pg-core';
import type { Queryable } from '#db/client.ts';
import { apiAccountAddresses } from '#db/schema/api-account-addresses.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { reveals } from '#db/schema/reveals.ts';
import { isAccountExpired, isRevealExpired, isRevealLocked } from '#lib/account-state/conditions.ts';
import { selectLeakedAccounts } from '#lib/account-state/leak.ts';
import { noticeProblemRow, problemRows } from '#lib/account-state/problem-rows.ts';
import { buildContainsPattern } from '#lib/platform/user-input/like-pattern.ts';
import { foldUsernameSearch } from '#lib/platform/user-input/name.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { type AccountTab, EXPIRING_DAYS } from './list-filter.ts';
import { isStillRefused } from './networks/refused.ts';
import { selectUnusedAccounts } from './select-unused.ts';

/** Digits of a phone number, with or without its country code or the zero that is dialled within the country. */
const PHONE_PART = /^(?:\+|0)?(\d{3,})$/;

/**
 * Builds the condition for accounts whose username, display name, email address or phone number contains the text;
 * undefined if it is empty. A phone number may be written with spaces, and in national form.
 */
export function buildSearchCondition(search: string): SQL | undefined {
  const text = search.replaceAll('\0', '');
  const digits = PHONE_PART.exec(normalizePhone(text))?.[1];
  return or(
    ...foldUsernameSearch(text)
      .filter(Boolean)
      .map(buildContainsPattern)
      .flatMap((pattern) => [ilike(apiAccounts.usernameFolded, pattern), ilike(apiAccounts.email, pattern)]),
    // Display names are not folded.
    text ? ilike(apiAccounts.displayName, buildContainsPattern(text)) : undefined,
    digits ? ilike(apiAccounts.phone, buildContainsPattern(digits)) : undefined,
  );
}

/**
 * Selects the ids of accounts that need attention, as `needsAttention` decides it, by way of what may be wrong with
 * them: partial indexes contain only reveals that have not ended well, open reports, recent contact changes and refused IP
 * addresses, and the table of leaks has few rows.
 * @param limit for each of the five, to bound the time of counting
 */
export function selectAccountsThatNeedAttention(database: Queryable, limit?: number) {
  const withDeliveryProblem = database
    .select({ id: apiAccounts.id })
    .from(reveals)
    .innerJoin(apiAccounts, and(eq(apiAccounts.id, reveals.accountId), eq(apiAccounts.revealId, reveals.id)))
    .where(
      and(
        // The predicate of the index `reveals_unfinished`.
        or(isNull(reveals.endedAt), eq(reveals.endReason, sql`'locked'`)),
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
    .where(and(isNotNull(contactChanges.reportedAt), isNull(contactChanges.resolvedAt)))
    .$dynamic();
  const withNoticeProblem = database
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
        sql`${noticeProblemRow} is not null`,
      ),
    )
    .$dynamic();
  const withRefusedNetwork = database
    .select({ id: apiAccountAddresses.accountId })
    .from(apiAccountAddresses)
    .innerJoin(apiAccounts, eq(apiAccounts.id, apiAccountAddresses.accountId))
    .where(isStillRefused)
    .$dynamic();
  const withLeakedKey = selectLeakedAccounts(database, sql`${apiAccounts.active}`, not(isAccountExpired));
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
 * Selects whether an active account has expired or will soon. Has the predicate of the index `api_accounts_expiry`. One
 * day more, because reminders are sent at the start of a day.
 */
export const isExpiring = sql<boolean>`(${apiAccounts.active} and ${apiAccounts.expiresAt} is not null
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
      return and(sql`${apiAccounts.active}`, isNotNull(apiAccounts.keyDigest), not(isAccountExpired));
    case 'inactive':
      return sql`not ${apiAccounts.active}`;
    case 'expiring':
      return isExpiring;
    case 'unused':
      return inArray(apiAccounts.id, selectUnusedAccounts(database));
  }
}
