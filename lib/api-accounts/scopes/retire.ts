import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { scopes } from '#db/schema/scopes.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';
import { readScopeUse } from './read-use.ts';
import type { ScopeUse, SeenScopeUse } from './schema.ts';

export type RetireScopeResult =
  | { ok: true; accounts: number }
  /** There is no such scope, or it is retired already. */
  | { ok: false; reason: 'not_found' }
  /** Other accounts have it than the page showed. */
  | { ok: false; reason: 'changed'; current: ScopeUse }
  /** It cannot be undone. */
  | ReauthenticationRequired;

/** Locks the accounts that have a scope, and counts them. */
async function lockAccounts(transaction: Transaction, name: string): Promise<SeenScopeUse> {
  const { rows } = await transaction.execute<SeenScopeUse>(sql`
    select count(*)::int as accounts, (count(*) filter (where cardinality(scopes) = 1))::int as "onlyScope"
    from (
      select scopes from api_accounts where ${name}::text = any (scopes) order by id for update
    ) as locked`);
  return rows[0] ?? { accounts: 0, onlyScope: 0 };
}

/** Removes a locked scope from the accounts, which are locked, too. */
async function removeFromAccounts(transaction: Transaction, name: string, userId: string): Promise<void> {
  const changed = await transaction
    .update(apiAccounts)
    .set({
      scopes: sql`array_remove(${apiAccounts.scopes}, ${name}::text)`,
      version: sql`${apiAccounts.version} + 1`,
      updatedAt: sql`now()`,
      updatedBy: userId,
    })
    .where(sql`${name}::text = any (${apiAccounts.scopes})`)
    .returning({ id: apiAccounts.id });
  const data = { changed: ['scopes'] };
  for (const { id } of changed)
    recordWebhookEvent(transaction, { type: 'api_account.updated', account: id, data });
}

/**
 * Retires a scope: removes it from all accounts, for good. From the commit on, requests that require it are allowed only
 * with full access. Fails if other accounts have it than the page showed. A transaction that locks both locks the scope
 * before the accounts, so that transactions cannot deadlock.
 */
export async function retireScope(
  database: Database,
  administrator: Administrator,
  { name, seen }: { name: string; seen?: SeenScopeUse },
): Promise<RetireScopeResult> {
  const { userId, ipAddress, hasRecentAuth } = administrator;
  if (!hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  return withTransaction(database, async (transaction): Promise<RetireScopeResult> => {
    const [scope] = await transaction
      .select({ name: scopes.name })
      .from(scopes)
      .where(and(eq(scopes.name, name), isNull(scopes.retiredAt)))
      .for('update');
    if (!scope) return { ok: false, reason: 'not_found' };
    const { accounts, onlyScope } = await lockAccounts(transaction, name);
    if (seen && (seen.accounts !== accounts || seen.onlyScope !== onlyScope)) {
      const current = await readScopeUse(transaction, administrator, { name });
      return { ok: false, reason: 'changed', current };
    }
    await transaction
      .update(scopes)
      .set({ retiredAt: sql`now()`, retiredBy: userId })
      .where(eq(scopes.name, name));
    await removeFromAccounts(transaction, name, userId);
    recordAuditEvent(transaction, 'scope.retired', { userId, ipAddress, details: { scope: name, accounts } });
    return { ok: true, accounts };
  });
}
