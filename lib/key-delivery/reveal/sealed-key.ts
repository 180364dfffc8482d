import { and, eq, gt, lte, sql } from 'drizzle-orm';
import { parse } from 'uuid';
import type { Database, Queryable, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { sealedKeys } from '#db/schema/sealed-keys.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { digestKey } from '#lib/api-keys/api-key.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';
import { decrypt, encrypt } from '#lib/platform/signed-tokens/encrypt.ts';
import { RETRY_SECONDS } from './limits.ts';

/**
 * Derives the key that seals an API key. It needs AUTH_SECRET and the browser's retry secret, so that neither the
 * database nor a server without the browser can open a sealed key.
 */
const deriveSealingKey = (retrySecret: string) =>
  deriveKey(`${settings().authSecret} ${retrySecret}`, 'stagedoor sealed key v1');

/** Stores the key of a reveal that is being shown, sealed, so that its response can be repeated if it is lost. */
export async function storeSealedKey(
  transaction: Transaction,
  { revealId, key, retrySecret }: { revealId: string; key: string; retrySecret: string },
): Promise<void> {
  await transaction.insert(sealedKeys).values({
    revealId,
    sealed: encrypt(deriveSealingKey(retrySecret), Buffer.from(key), parse(revealId)),
    expiresAt: sql`now() + make_interval(secs => ${RETRY_SECONDS})`,
  });
}

/** Deletes the sealed key of a reveal, because its key was reset or its account deactivated. */
export async function deleteSealedKey(transaction: Transaction, revealId: string): Promise<void> {
  await transaction.delete(sealedKeys).where(eq(sealedKeys.revealId, revealId));
}

/** Deletes the sealed keys that have expired. */
export async function deleteExpiredSealedKeys(database: Queryable): Promise<void> {
  await database.delete(sealedKeys).where(lte(sealedKeys.expiresAt, sql`now()`));
}

/** Locks the account whose current reveal this is. A reset and a deactivation lock it, too. */
async function lockAccount(transaction: Transaction, revealId: string) {
  const [account] = await transaction
    .select({ id: apiAccounts.id, username: apiAccounts.username, keyDigest: apiAccounts.keyDigest })
    .from(apiAccounts)
    .where(eq(apiAccounts.revealId, revealId))
    .for('update');
  return account;
}

/** Reads the key of a reveal; null if it has expired, was never sealed, or was sealed with another retry secret. */
async function openSealedKey(
  transaction: Transaction,
  revealId: string,
  retrySecret: string,
): Promise<string | null> {
  const [row] = await transaction
    .select({ sealed: sealedKeys.sealed })
    .from(sealedKeys)
    .where(and(eq(sealedKeys.revealId, revealId), gt(sealedKeys.expiresAt, sql`now()`)));
  const key = row && decrypt(deriveSealingKey(retrySecret), row.sealed, parse(revealId));
  return key ? key.toString() : null;
}

/**
 * Returns the key of a used link again, to the browser that collected it, within two minutes.
 * @returns null if the retry secret is another one, two minutes have passed, or the account was reset or deactivated
 */
export async function repeatKey(
  database: Database,
  request: { revealId: string; retrySecret: string; ipAddress: string | null },
): Promise<{ username: string; key: string } | null> {
  const { revealId, retrySecret, ipAddress } = request;
  return withTransaction(database, async (transaction) => {
    const account = await lockAccount(transaction, revealId);
    if (!account) return null;
    const key = await openSealedKey(transaction, revealId, retrySecret);
    if (key === null || !account.keyDigest?.equals(digestKey(key))) return null;
    const event = { userId: null, accountId: account.id, ipAddress, details: { revealId } };
    recordAuditEvent(transaction, 'api_key.shown_again', event);
    return { username: account.username, key };
  });
}
