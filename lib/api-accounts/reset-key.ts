import { and, eq, isNotNull, type SQL, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endPreviousKey, hasPreviousKey, previousKeyEnd } from '#lib/key-delivery/previous-key.ts';
import { replaceReveal, startReveal } from '#lib/key-delivery/reveal/start.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { type Actor, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import type { ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';
import { isKeyUnchanged, keyColumns, readKeyChange } from './key-change.ts';
import {
  type AccountSummary,
  type KeyChange,
  MAX_OLD_KEY_HOURS,
  type OldKeyChoice,
  type SeenKey,
  type StartedDelivery,
} from './schema.ts';
import { readSummary } from './summary.ts';

export type ResetResult =
  /** `oldKeyExpiresAt`: when the old key ends at the latest; null if it has ended or there is none. */
  | { ok: true; account: StartedDelivery; oldKeyExpiresAt: Date | null }
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
      active: apiAccounts.active,
      isExpired: sql<boolean>`coalesce(${apiAccounts.expiresAt} <= clock_timestamp(), false)`,
      hasPreviousKey,
      ...keyColumns,
      now: sql`clock_timestamp()`.mapWith(apiAccounts.updatedAt),
    })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, id))
    .for('update');
  return locked;
}

type LockedAccount = NonNullable<Awaited<ReturnType<typeof lockAccount>>>;
type ResetInput = { id: string; seen?: SeenKey; oldKey?: OldKeyChoice | undefined };

const ENDS_ON = { on_collection: 'collection', on_first_use: 'first_use' } as const;

/**
 * Selects the columns that let the old key work on. If the key of the last reset was not collected, the old key is still
 * the one before, which then works no longer than it did.
 */
function buildPreviousKey({ hasKey }: LockedAccount, oldKey: Exclude<OldKeyChoice, 'immediately'>) {
  const hours = typeof oldKey === 'object' ? oldKey.hours : MAX_OLD_KEY_HOURS;
  const newEnd = sql`now() + make_interval(hours => ${hours})`;
  return {
    ...(hasKey && { previousKeyDigest: sql`${apiAccounts.keyDigest}` }),
    previousKeyExpiresAt: hasKey ? newEnd : sql`least(${apiAccounts.previousKeyExpiresAt}, ${newEnd})`,
    previousKeyEndsOn: typeof oldKey === 'object' ? null : ENDS_ON[oldKey],
  } satisfies Record<string, SQL | string | null>;
}

/**
 * Removes the account's key. It becomes the previous key if the administrator chose that, unless the account is inactive or
 * has expired. There is one previous key at most: an earlier one ends.
 * @returns when the old key ends at the latest; null if none works
 */
async function retireKey(
  transaction: Transaction,
  actor: Actor<'accounts:write'>,
  locked: LockedAccount,
  oldKey: OldKeyChoice,
): Promise<Date | null> {
  const hasOldKey = locked.hasKey || locked.hasPreviousKey;
  const choice = locked.active && !locked.isExpired && hasOldKey ? oldKey : 'immediately';
  if (choice === 'immediately' || locked.hasKey)
    await endPreviousKey(transaction, locked.id, 'reset', getAuditActor(actor));
  if (choice !== 'immediately' && locked.hasKey) {
    await transaction
      .update(apiAccountUsage)
      .set({ previousKeyUsedAt: null })
      .where(and(eq(apiAccountUsage.accountId, locked.id), isNotNull(apiAccountUsage.previousKeyUsedAt)));
  }
  const [after] = await transaction
    .update(apiAccounts)
    .set({
      keyDigest: null,
      keyGeneratedAt: null,
      isFirstUseAwaited: false,
      ...(choice !== 'immediately' && buildPreviousKey(locked, choice)),
    })
    .where(eq(apiAccounts.id, locked.id))
    .returning({ oldKeyExpiresAt: previousKeyEnd });
  return after?.oldKeyExpiresAt ?? null;
}

/** Describes the choice for the audit log. An immediate end, which was the only one in earlier versions, has no details. */
function describeChoice(oldKey: OldKeyChoice, oldKeyExpiresAt: Date | null) {
  if (!oldKeyExpiresAt) return {};
  return { oldKey: typeof oldKey === 'object' ? 'after_hours' : oldKey, oldKeyExpiresAt };
}

async function reset(
  transaction: Transaction,
  queue: PgBoss,
  actor: Actor<'accounts:write'>,
  { id, seen, oldKey = 'immediately' }: ResetInput,
): Promise<ResetResult> {
  const locked = await lockAccount(transaction, id);
  const current = locked && (await readSummary(transaction, id));
  if (!current) return { ok: false, reason: 'not_found' };
  if (seen && !isKeyUnchanged(seen, locked)) {
    const change = await readKeyChange(transaction, actor, seen, locked);
    return { ok: false, reason: 'changed', current, change, readAt: locked.now };
  }
  const { username, email, phone } = locked;
  if (locked.revealId) await replaceReveal(transaction, locked.revealId);
  const oldKeyExpiresAt = await retireKey(transaction, actor, locked, oldKey);
  const details = describeChoice(oldKey, oldKeyExpiresAt);
  recordAuditEvent(transaction, 'api_key.reset', { ...getAuditActor(actor), accountId: id, details });
  recordWebhookEvent(transaction, { type: 'api_key.reset', account: id, data: { oldKeyExpiresAt } });
  const recipient = { accountId: id, email, phone };
  const { revealId, smsBlockedReason } = await startReveal(
    transaction,
    queue,
    recipient,
    getAuditActor(actor),
  );
  await transaction.update(apiAccounts).set({ revealId }).where(eq(apiAccounts.id, id));
  return { ok: true, account: { id, username, email, phone, smsBlockedReason }, oldKeyExpiresAt };
}

/**
 * Resets an account's key: revokes the current link and code, and starts a new reveal. The old key stops working on
 * commit, or later if `oldKey` says so, but after 7 days at the latest. At most one old key works: an earlier one ends.
 * Does not change whether the account is active; the old key of an inactive or expired one always ends. Requires recent
 * authentication.
 * @param input.oldKey when the old key stops working. Default: `immediately`
 * @param input.seen what the administrator has seen; if it has changed, nothing is reset. Missing: resets in any case
 */
export async function resetApiKey(
  database: Database,
  actor: Actor<'accounts:write'>,
  input: ResetInput,
): Promise<ResetResult> {
  if (!actor.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  return withActorTransaction(database, actor, (transaction) => reset(transaction, queue, actor, input));
}
