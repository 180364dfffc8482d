import { and, desc, eq, gt, type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { deletedApiAccounts } from '#db/schema/deleted-api-accounts.ts';
import { buildHasPermanentDetails } from '#lib/audit/erase.ts';
import { selectActorName } from '#lib/identity/users/actor-name.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { DELETED_DAYS, type DeletedAccount } from './schema.ts';

/** The most recently deleted accounts that are listed. */
const MAX_LISTED = 500;

// In hours, because a day can have 23 or 25 of them in the session's time zone.
const PERIOD = sql`make_interval(hours => ${DELETED_DAYS * 24})`;
const expiresAt = sql`${deletedApiAccounts.deletedAt} + ${PERIOD}`;
const isVisible = gt(expiresAt, sql`now()`);

function readDeletedAccounts(database: Queryable, condition: SQL | undefined): Promise<DeletedAccount[]> {
  return database
    .select({
      id: deletedApiAccounts.id,
      username: deletedApiAccounts.username,
      createdAt: deletedApiAccounts.createdAt,
      createdBy: selectActorName(deletedApiAccounts.createdBy),
      deletedAt: deletedApiAccounts.deletedAt,
      deletedBy: selectActorName(deletedApiAccounts.deletedBy),
      // With the table's name, because the columns of a query on one table have none.
      hasPermanentDetails: buildHasPermanentDetails(sql`${deletedApiAccounts}.id`),
      expiresAt: expiresAt.mapWith(deletedApiAccounts.deletedAt),
    })
    .from(deletedApiAccounts)
    .where(and(isVisible, condition))
    .orderBy(desc(deletedApiAccounts.deletedAt), desc(deletedApiAccounts.id))
    .limit(MAX_LISTED);
}

/** Lists the accounts that were deleted in the last 30 days, the latest first. */
export function listDeletedAccounts(
  database: Queryable,
  _administrator: Administrator,
): Promise<DeletedAccount[]> {
  return readDeletedAccounts(database, undefined);
}

/** Reads an account that was deleted in the last 30 days; returns null if there is none. */
export async function readDeletedAccount(database: Queryable, id: string): Promise<DeletedAccount | null> {
  const [account] = await readDeletedAccounts(database, eq(deletedApiAccounts.id, id));
  return account ?? null;
}

/** Reads when the username of a deleted account can be used again; returns null if it can be used. */
export async function readReservationEnd(database: Queryable, usernameFolded: string): Promise<Date | null> {
  const [account] = await readDeletedAccounts(
    database,
    eq(deletedApiAccounts.usernameFolded, usernameFolded),
  );
  return account?.expiresAt ?? null;
}
