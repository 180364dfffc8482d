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
 * Holds the account's row while its present reveal is this one. Every act takes the account before the
 * reveal, so two acts never wait for each other.
 */
async function holdAccount(transaction: Transaction, { accountId, revealId }: Claim): Promise<boolean> {
  const held = await transaction
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(and(eq(apiAccounts.id, accountId), eq(apiAccounts.revealId, revealId)))
    .for('update');
  return held.length > 0;
}

/** Ends the reveal as shown, where nobody has ended it and the code is still the one that was compared. */
async function endAsShown(transaction: Transaction, { revealId, codeGeneration }: Claim): Promise<boolean> {
  const ended = await transaction
    .update(reveals)
    .set({ endedAt: sql`now()`, endedBecause: 'shown' })
    .where(and(eq(reveals.id, revealId), isNull(reveals.endedAt), eq(reveals.codeGeneration, codeGeneration)))
    .returning({ id: reveals.id });
  return ended.length > 0;
}

/**
 * Claims a reveal whose code was right: mints the key, stores its digest, and ends the reveal, all or nothing.
 * @returns null where somebody else was first, or the reveal was replaced or locked in the meantime
 */
export async function claimKey(
  database: Database,
  claim: Claim,
  tag: string,
): Promise<{ username: string; key: string } | null> {
  return withTransaction(database, async (transaction) => {
    if (!(await holdAccount(transaction, claim))) return null;
    if (!(await endAsShown(transaction, claim))) return null;
    const key = generateKey(tag);
    const [account] = await transaction
      .update(apiAccounts)
      .set({ keyDigest: digestKey(key), keyMintedAt: sql`now()` })
      .where(eq(apiAccounts.id, claim.accountId))
      .returning({ username: apiAccounts.username });
    if (!account) throw new Error('the account that was held is gone');
    const details = { revealId: claim.revealId };
    const { accountId, address } = claim;
    recordAuditEvent(transaction, 'api_key.shown', { userId: null, accountId, address, details });
    return { username: account.username, key };
  });
}
