import { and, eq, type SQL, type SQLWrapper } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { users } from '#db/schema/users.ts';
import { ENTRY_COLUMNS } from './entry-columns.ts';

const by = alias(users, 'by_user');
const target = alias(users, 'target_user');

const NAMES = {
  byName: by.name,
  byEmail: by.email,
  username: apiAccounts.username,
  targetName: target.name,
  targetEmail: target.email,
};

/** Entries with the names of whom they are about, as these are now: null where they are gone. */
export async function readEntries(
  database: Queryable,
  where: (SQL | undefined)[],
  { order, limit }: { order: (SQL | SQLWrapper)[]; limit: number },
) {
  return database
    .select({ ...ENTRY_COLUMNS, ...NAMES })
    .from(auditEvents)
    .leftJoin(by, eq(by.id, auditEvents.userId))
    .leftJoin(apiAccounts, eq(apiAccounts.id, auditEvents.accountId))
    .leftJoin(target, eq(target.id, auditEvents.targetUserId))
    .where(and(...where))
    .orderBy(...(order as SQL[]))
    .limit(limit);
}

export type NamedRow = Awaited<ReturnType<typeof readEntries>>[number];
