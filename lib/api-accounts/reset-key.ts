import { eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { replaceReveal, startReveal } from '#lib/key-delivery/reveal/start.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { isKeyUnchanged, keyColumns, readKeyChange } from './key-change.ts';
import type { AccountSummary, KeyChange, SeenKey, StartedDelivery } from './schema.ts';
import { readSummary } from './summary.ts';

export type ResetResult =
  | { ok: true; account: StartedDelivery }
  | { ok: false; reason: 'not_found' }
  /** The account is no longer as the administrator has seen it: `change` was the latest change, at `readAt` or before. */
  | { ok: false; reason: 'changed'; current: AccountSummary; change: KeyChange; readAt: Date }
  | ReauthenticationRequired;

/** Locks the account's row for the rest of the transaction. `now`: the database's time. */
async function lockAccount(transaction: Transaction, id: string) {
  const [locked] = await transaction
    .select({
      id: apiAccounts.id,
      username: apiAccounts.username,
      email: apiAccounts.email,
      phone: apiAccounts.phone,
      ...keyColumns,
      now: sql`clock_timestamp()`.mapWith(apiAccounts.updatedAt),
    })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, id))
    .for('update');
  return locked;
}

async function reset(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { id, seen }: { id: string; seen?: SeenKey },
): Promise<ResetResult> {
  const locked = await lockAccount(transaction, id);
  const current = locked && (await readSummary(transaction, id));
  if (!current) return { ok: false, reason: 'not_found' };
  if (seen && !isKeyUnchanged(seen, locked)) {
    const change = await readKeyChange(transaction, administrator, seen, locked);
    return { ok: false, reason: 'changed', current, change, readAt: locked.now };
  }
  const { userId, ipAddress } = administrator;
  const { username, email, phone } = locked;
  if (locked.revealId) await replaceReveal(transaction, locked.revealId);
  recordAuditEvent(transaction, 'api_key.reset', { userId, accountId: id, ipAddress });
  const recipient = { accountId: id, email, phone };
  const { revealId, smsBlockedReason } = await startReveal(transaction, queue, recipient, administrator);
  await transaction
    .update(apiAccounts)
    .set({ keyDigest: null, keyGeneratedAt: null, revealId })
    .where(eq(apiAccounts.id, id));
  return { ok: true, account: { id, username, email, phone, smsBlockedReason } };
}

/**
 * Resets an account's key: revokes the current key, link and code, and starts a new reveal.
 * Does not change whether the account is active. Requires recent authentication.
 * @param input.seen what the administrator has seen; if it has changed, nothing is reset. Missing: resets in any case
 */
export async function resetApiKey(
  database: Database,
  administrator: Administrator,
  input: { id: string; seen?: SeenKey },
): Promise<ResetResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, (transaction) => reset(transaction, queue, administrator, input));
}
