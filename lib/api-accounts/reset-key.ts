import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { replaceReveal, startReveal } from '#lib/key-delivery/reveal/start.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import type { AccountSummary } from './schema.ts';
import { readSummary } from './summary.ts';

export type Reset =
  | { ok: true; account: AccountSummary }
  | { ok: false; reason: 'missing' }
  | ReauthenticationRequired;

/**
 * Resets an account's key: from the commit on, the present key, link and code are dead, and a new link and
 * code are on their way. Whether the account is active stays as it is. It takes a fresh proof of who does it.
 */
export async function resetApiKey(
  database: Database,
  administrator: Administrator,
  input: { id: string },
): Promise<Reset> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId, address } = administrator;
  const sender = await queueFor(database.$client);
  const account = await withTransaction(database, async (transaction) => {
    const [held] = await transaction
      .select({ revealId: apiAccounts.revealId, email: apiAccounts.email, phone: apiAccounts.phone })
      .from(apiAccounts)
      .where(eq(apiAccounts.id, input.id))
      .for('update');
    if (!held) return null;
    const { email, phone } = held;
    if (held.revealId) await replaceReveal(transaction, held.revealId);
    recordAuditEvent(transaction, 'api_key.reset', { userId, accountId: input.id, address });
    const recipient = { accountId: input.id, email, phone };
    const revealId = await startReveal(transaction, sender, recipient, administrator);
    await transaction
      .update(apiAccounts)
      .set({ keyDigest: null, keyMintedAt: null, revealId })
      .where(eq(apiAccounts.id, input.id));
    return readSummary(transaction, input.id);
  });
  return account ? { ok: true, account } : { ok: false, reason: 'missing' };
}
