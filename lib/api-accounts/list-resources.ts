import { and, asc, eq, gt, inArray, isNotNull, isNull, not, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { isAccountExpired, isRevealLocked } from '#lib/account-state/conditions.ts';
import { selectLeakedAccounts } from '#lib/account-state/leak.ts';
import {
  type AccountResource,
  isDeliveryFailed,
  type ResourceStatus,
  selectAccountRows,
  toResource,
} from '#lib/account-state/resource.ts';
import type { AccessTokenActor } from '#lib/platform/authorization/actor.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { isRare } from './estimate-count.ts';
import { buildSearchCondition } from './search.ts';

/** Builds the condition for accounts with a status: the same as `getResourceStatus` decides. */
function buildStatusCondition(database: Queryable, status: ResourceStatus): SQL | undefined {
  const isWorking = and(sql`${apiAccounts.active}`, not(isAccountExpired));
  // The predicate of the index `reveals_unfinished`, so that few of many accounts are found quickly.
  const isUnfinished = or(isNull(reveals.endedAt), eq(reveals.endReason, sql`'locked'`));
  const unfinished = database.select({ id: reveals.accountId }).from(reveals).where(isUnfinished);
  const isWaiting = and(isWorking, isNull(apiAccounts.keyDigest), inArray(apiAccounts.id, unfinished));
  switch (status) {
    case 'inactive':
      return sql`not ${apiAccounts.active}`;
    case 'expired':
      return and(sql`${apiAccounts.active}`, isAccountExpired);
    case 'active':
      return and(isWorking, isNotNull(apiAccounts.keyDigest));
    case 'locked':
      return or(
        and(isWaiting, isRevealLocked),
        and(isWorking, inArray(apiAccounts.id, selectLeakedAccounts(database))),
      );
    case 'delivery_failed':
      return and(isWaiting, not(isRevealLocked), isDeliveryFailed);
    case 'awaiting_collection':
      return and(isWaiting, not(isRevealLocked), not(isDeliveryFailed));
  }
}

/** Encodes where the next page begins. */
const encodeCursor = (usernameFolded: string) => Buffer.from(usernameFolded).toString('base64url');

/** A cursor of `listAccountResources`, parsed as the folded username after which the page begins. */
export const accountCursorSchema = z
  .string()
  .max(2_000)
  .transform((text, context) => {
    const usernameFolded = Buffer.from(text, 'base64url').toString();
    // PostgreSQL cannot store NUL.
    if (text && encodeCursor(usernameFolded) === text && !usernameFolded.includes('\0'))
      return usernameFolded;
    context.addIssue({ code: 'custom', message: 'Send the nextCursor of the previous page.' });
    return z.NEVER;
  });

type AccountListQuery = {
  /** Part of a username, a display name, an email address or a phone number. */
  search: string;
  status?: ResourceStatus | undefined;
  limit: number;
  /** The folded username after which the page begins. */
  cursor?: string | undefined;
};

/**
 * Lists a page of accounts in the order of their usernames, which never change: so each account that exists during the whole
 * listing is on exactly one page.
 */
export async function listAccountResources(
  database: Database,
  _actor: Viewer | AccessTokenActor<'accounts:read'>,
  { search, status, limit, cursor }: AccountListQuery,
): Promise<{ data: AccountResource[]; nextCursor: string | null }> {
  const searchCondition = buildSearchCondition(search);
  // PostgreSQL would look for them in the order of the index, and read most accounts if their usernames begin alike.
  const isIndexOfUse = !searchCondition || !(await isRare(database, searchCondition, limit));
  const rows = await selectAccountRows(database)
    .where(
      and(
        searchCondition,
        status && buildStatusCondition(database, status),
        cursor === undefined ? undefined : gt(apiAccounts.usernameFolded, cursor),
      ),
    )
    .orderBy(asc(isIndexOfUse ? apiAccounts.usernameFolded : sql`${apiAccounts.usernameFolded} || ''`))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(toResource),
    nextCursor: rows.length > limit && last ? encodeCursor(last.usernameFolded) : null,
  };
}
