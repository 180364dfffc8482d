import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { digestKey } from '#lib/api-keys/digest.ts';
import { generateKey } from '#lib/api-keys/generate.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';

type Claim = { revealId: string; accountId: string; codeGeneration: number; address: string | null };

/**
 * Locks the account's row if this is its current reveal.
 * Every transaction locks the account before the reveal, so that they cannot deadlock.
 */
async function lockAccount(transaction: Transaction, { accountId, revealId }: Claim): Promise<boolean> {
  const locked = await transaction
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(and(eq(apiAccounts.id, accountId), eq(apiAccounts.revealId, revealId)))
    .for('update');
  return locked.length > 0;
}

/** Ends the reveal as shown, if it has not ended and its code is still the one that was compared. */
async function endAsShown(transaction: Transaction, { revealId, codeGeneration }: Claim): Promise<boolean> {
  const ended = await transaction
    .update(reveals)
    .set({ endedAt: sql`now()`, endReason: 'shown' })
    .where(and(eq(reveals.id, revealId), isNull(reveals.endedAt), eq(reveals.codeGeneration, codeGeneration)))
    .returning({ id: reveals.id });
  return ended.length > 0;
}

/**
 * Generates the key, stores its digest and ends the reveal, in one transaction. The caller has checked the code.
 * @returns null if another request was first, or the reveal was replaced or locked in the meantime
 */
export async function claimKey(
  database: Database,
  claim: Claim,
  tag: string,
): Promise<{ username: string; key: string } | null> {
  return withTransaction(database, async (transaction) => {
    if (!(await lockAccount(transaction, claim))) return null;
    if (!(await endAsShown(transaction, claim))) return null;
    const key = generateKey(tag);
    const [account] = await transaction
      .update(apiAccounts)
      .set({ keyDigest: digestKey(key), keyGeneratedAt: sql`now()` })
      .where(eq(apiAccounts.id, claim.accountId))
      .returning({ username: apiAccounts.username });
    if (!account) throw new Error('a locked account was not found');
    const details = { revealId: claim.revealId };
    const { accountId, address } = claim;
    recordAuditEvent(transaction, 'api_key.shown', { userId: null, accountId, address, details });
    return { username: account.username, key };
  });
}
