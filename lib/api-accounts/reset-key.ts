import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { replaceReveal, startReveal } from '#lib/key-delivery/reveal/start.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import type { StartedDelivery } from './schema.ts';

export type ResetResult =
  | { ok: true; account: StartedDelivery }
  | { ok: false; reason: 'not_found' }
  | ReauthenticationRequired;

/**
 * Resets an account's key: revokes the current key, link and code, and starts a new reveal.
 * Does not change whether the account is active. Requires recent authentication.
 */
export async function resetApiKey(
  database: Database,
  administrator: Administrator,
  input: { id: string },
): Promise<ResetResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId, ipAddress } = administrator;
  const queue = await getQueue(database.$client);
  const account = await withTransaction(database, async (transaction) => {
    const [locked] = await transaction
      .select({
        id: apiAccounts.id,
        revealId: apiAccounts.revealId,
        username: apiAccounts.username,
        email: apiAccounts.email,
        phone: apiAccounts.phone,
      })
      .from(apiAccounts)
      .where(eq(apiAccounts.id, input.id))
      .for('update');
    if (!locked) return null;
    const { id, username, email, phone } = locked;
    if (locked.revealId) await replaceReveal(transaction, locked.revealId);
    recordAuditEvent(transaction, 'api_key.reset', { userId, accountId: id, ipAddress });
    const recipient = { accountId: id, email, phone };
    const { revealId, smsBlockedReason } = await startReveal(transaction, queue, recipient, administrator);
    await transaction
      .update(apiAccounts)
      .set({ keyDigest: null, keyGeneratedAt: null, revealId })
      .where(eq(apiAccounts.id, id));
    return { id, username, email, phone, smsBlockedReason };
  });
  return account ? { ok: true, account } : { ok: false, reason: 'not_found' };
}
