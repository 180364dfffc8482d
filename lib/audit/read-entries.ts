import { and, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Queryable } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditErasableDetails, auditEvents } from '#db/schema/audit-events.ts';
import { deletedApiAccounts } from '#db/schema/deleted-api-accounts.ts';
import { users } from '#db/schema/users.ts';
import { ENTRY_COLUMNS, ERASABLE_COLUMNS } from './entry-columns.ts';

const actor = alias(users, 'by_user');
const target = alias(users, 'target_user');

const NAME_COLUMNS = {
  byName: actor.name,
  byEmail: actor.email,
  accessTokenName: accessTokens.name,
  username: sql<string | null>`coalesce(${apiAccounts.username}, ${deletedApiAccounts.username})`,
  targetName: target.name,
  targetEmail: target.email,
};

/**
 * Reads entries with their erasable details, the names of their accounts, also deleted ones, of their users and of their
 * access tokens. A name is null if an operator deleted its row.
 */
export async function readEntries(
  database: Queryable,
  conditions: (SQL | undefined)[],
  { order, limit }: { order: (SQL | SQLWrapper)[]; limit: number },
) {
  return database
    .select({ ...ENTRY_COLUMNS, ...ERASABLE_COLUMNS, ...NAME_COLUMNS })
    .from(auditEvents)
    .leftJoin(auditErasableDetails, eq(auditErasableDetails.eventId, auditEvents.id))
    .leftJoin(actor, eq(actor.id, auditEvents.userId))
    .leftJoin(accessTokens, eq(accessTokens.id, auditEvents.accessTokenId))
    .leftJoin(apiAccounts, eq(apiAccounts.id, auditEvents.accountId))
    .leftJoin(deletedApiAccounts, eq(deletedApiAccounts.id, auditEvents.accountId))
    .leftJoin(target, eq(target.id, auditEvents.targetUserId))
    .where(and(...conditions))
    .orderBy(...(order as SQL[]))
    .limit(limit);
}

export type NamedRow = Awaited<ReturnType<typeof readEntries>>[number];
