import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { scopes } from '#db/schema/scopes.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';

/** `not_found`: there is no such scope, or it is retired already. */
export type RetireScopeResult = { ok: true; accounts: number } | { ok: false; reason: 'not_found' };

/** Removes a scope from the accounts that have it; returns their number. */
async function removeFromAccounts(transaction: Transaction, name: string, userId: string): Promise<number> {
  const rows = await transaction
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(sql`${name} = any (${apiAccounts.scopes})`)
    .orderBy(asc(apiAccounts.id))
    .for('update');
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await transaction
    .update(apiAccounts)
    .set({
      scopes: sql`array_remove(${apiAccounts.scopes}, ${name}::text)`,
      version: sql`${apiAccounts.version} + 1`,
      updatedAt: sql`now()`,
      updatedBy: userId,
    })
    .where(inArray(apiAccounts.id, ids));
  return ids.length;
}

/**
 * Retires a scope: removes it from all accounts, for good. From the commit on, requests that require it are allowed only
 * with full access. A transaction that locks both locks the scope before the accounts, so that transactions cannot
 * deadlock.
 */
export async function retireScope(
  database: Database,
  { userId, ipAddress }: Administrator,
  { name }: { name: string },
): Promise<RetireScopeResult> {
  return withTransaction(database, async (transaction): Promise<RetireScopeResult> => {
    const retired = await transaction
      .update(scopes)
      .set({ retiredAt: sql`now()`, retiredBy: userId })
      .where(and(eq(scopes.name, name), isNull(scopes.retiredAt)))
      .returning({ name: scopes.name });
    if (retired.length === 0) return { ok: false, reason: 'not_found' };
    const accounts = await removeFromAccounts(transaction, name, userId);
    recordAuditEvent(transaction, 'scope.retired', { userId, ipAddress, details: { scope: name, accounts } });
    return { ok: true, accounts };
  });
}
