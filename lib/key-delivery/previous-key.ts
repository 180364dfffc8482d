import { eq, lte, or, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { type AuditEvent, recordAuditEvent } from '#lib/audit/record.ts';
import type { OldKeyEnd } from './reveal/schema.ts';
import type { OldKey } from './timeline/schema.ts';

/** What ended a previous key, as the audit log stores it. */
export type PreviousKeyEnd =
  | 'administrator'
  | 'reset'
  | 'deactivated'
  | 'leaked'
  | 'new_key_collected'
  | 'new_key_used'
  | 'time_passed';

/** How many ends the worker records in one transaction. Each locks the end of the audit log. */
const MAX_RECORDED = 100;

const NO_PREVIOUS_KEY = {
  previousKeyDigest: null,
  previousKeyExpiresAt: null,
  previousKeyEndsOn: null,
  previousKeyEndedAt: null,
};

/** Selects whether an account's previous key still works. */
export const hasPreviousKey = sql<boolean>`(${apiAccounts.previousKeyDigest} is not null
  and ${apiAccounts.previousKeyExpiresAt} > clock_timestamp())`;

/** Selects when an account's previous key ends at the latest: with its account or before. Null if there is none. */
export const previousKeyEnd = sql`(case when ${apiAccounts.previousKeyExpiresAt} is not null
  then least(${apiAccounts.previousKeyExpiresAt}, ${apiAccounts.expiresAt}) end)`.mapWith(
  apiAccounts.previousKeyExpiresAt,
);

/** Columns for a query on accounts, for `toOldKeyEnd`. No key works if its account is inactive or has expired. */
export const oldKeyEndColumns = {
  hasOldKey: sql<boolean>`(${hasPreviousKey} and ${apiAccounts.active}
    and coalesce(${apiAccounts.expiresAt} > clock_timestamp(), true))`,
  oldKeyExpiresAt: previousKeyEnd,
  oldKeyEndsOn: apiAccounts.previousKeyEndsOn,
};

/** Columns for a query on accounts and their usage, for `toOldKey`. */
export const oldKeyColumns = {
  ...oldKeyEndColumns,
  oldKeyUsedAt: apiAccountUsage.previousKeyUsedAt,
  isNewKeyCollected: sql<boolean>`${apiAccounts.keyDigest} is not null`,
  isNewKeyUsed: sql<boolean>`coalesce(${apiAccountUsage.currentKeyUsedAt} > ${apiAccounts.keyGeneratedAt}, false)`,
};

type OldKeyEndRow = {
  hasOldKey: boolean;
  oldKeyExpiresAt: Date | null;
  oldKeyEndsOn: OldKeyEnd['endsOn'];
};
type OldKeyRow = OldKeyEndRow & {
  oldKeyUsedAt: Date | null;
  isNewKeyCollected: boolean;
  isNewKeyUsed: boolean;
};

/** Returns until when an account's previous key works; null if none works. */
export function toOldKeyEnd({ hasOldKey, oldKeyExpiresAt, oldKeyEndsOn }: OldKeyEndRow): OldKeyEnd | null {
  if (!hasOldKey || !oldKeyExpiresAt) return null;
  return { expiresAt: oldKeyExpiresAt.toISOString(), endsOn: oldKeyEndsOn };
}

/** Describes an account's previous key for administrators; null if none works. */
export function toOldKey({
  oldKeyUsedAt,
  isNewKeyCollected,
  isNewKeyUsed,
  ...row
}: OldKeyRow): OldKey | null {
  const end = toOldKeyEnd(row);
  if (!end) return null;
  const newKey = !isNewKeyCollected ? 'not_collected' : isNewKeyUsed ? 'used' : 'not_used';
  return { ...end, lastUsedAt: oldKeyUsedAt?.toISOString() ?? null, newKey };
}

/** Reads how a previous key ended before this transaction, by its use or by its time. Null if it still works. */
async function readEarlierEnd(transaction: Transaction, accountId: string) {
  const [row] = await transaction
    .select({
      expiresAt: apiAccounts.previousKeyExpiresAt,
      endedAt: apiAccounts.previousKeyEndedAt,
      isWorking: hasPreviousKey,
    })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, accountId));
  if (!row?.expiresAt) return undefined;
  const { expiresAt, endedAt, isWorking } = row;
  if (isWorking) return { earlierEnd: null };
  const earlierEnd: { reason: PreviousKeyEnd; at: Date } = endedAt
    ? { reason: 'new_key_used', at: endedAt }
    : { reason: 'time_passed', at: expiresAt };
  return { earlierEnd };
}

/**
 * Ends an account's previous key on commit, and records that. If it has ended by itself, records when and why instead.
 * Does nothing if there is none. The caller has locked the account.
 * @returns whether it still worked
 */
export async function endPreviousKey(
  transaction: Transaction,
  accountId: string,
  reason: PreviousKeyEnd,
  endedBy: Pick<AuditEvent, 'userId' | 'accessTokenId' | 'ipAddress'>,
): Promise<boolean> {
  const found = await readEarlierEnd(transaction, accountId);
  if (!found) return false;
  await transaction.update(apiAccounts).set(NO_PREVIOUS_KEY).where(eq(apiAccounts.id, accountId));
  const { earlierEnd } = found;
  const event = earlierEnd
    ? { userId: null, accountId, details: { reason: earlierEnd.reason, endedAt: earlierEnd.at } }
    : { ...endedBy, accountId, details: { reason } };
  recordAuditEvent(transaction, 'api_key.previous_ended', event);
  return earlierEnd === null;
}

/**
 * Records the ends of previous keys that no use case ended: their time had passed, or a verifier ended them when the new
 * key was used. Skips accounts that another transaction has locked.
 */
export async function recordEndedKeys(database: Database): Promise<void> {
  for (let recorded = MAX_RECORDED; recorded === MAX_RECORDED; ) {
    recorded = await withTransaction(database, async (transaction) => {
      const accounts = await transaction
        .select({ id: apiAccounts.id })
        .from(apiAccounts)
        .where(
          or(
            lte(apiAccounts.previousKeyExpiresAt, sql`now()`),
            // The first condition is that of the partial index, which has few rows.
            sql`${apiAccounts.previousKeyExpiresAt} is not null and ${apiAccounts.previousKeyEndedAt} is not null`,
          ),
        )
        .orderBy(apiAccounts.id)
        .limit(MAX_RECORDED)
        .for('update', { skipLocked: true });
      for (const { id } of accounts)
        await endPreviousKey(transaction, id, 'time_passed', { userId: null, ipAddress: null });
      return accounts.length;
    });
  }
}
