import { and, desc, eq, gt, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { reveals } from '#db/schema/reveals.ts';
import { users } from '#db/schema/users.ts';
import { nameOrEmail } from '#lib/identity/users/name-or-email.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import type { KeyChange, SeenKey } from './schema.ts';

/** An account as locked for a reset. */
type LockedKey = SeenKey & {
  id: string;
  keyGeneratedAt: Date | null;
  updatedAt: Date;
  updatedBy: string | null;
};

/** Compares what an administrator has seen of an account's key with its current state. */
export const isKeyUnchanged = (seen: SeenKey, current: SeenKey) =>
  seen.version === current.version && seen.revealId === current.revealId && seen.hasKey === current.hasKey;

async function readName(transaction: Transaction, userId: string | null): Promise<string | null> {
  if (userId === null) return null;
  const [user] = await transaction.select({ name: nameOrEmail }).from(users).where(eq(users.id, userId));
  return user?.name ?? null;
}

/** Reads when and by whom the key was last reset after the seen reveal had started; undefined if it was not. */
async function readReset(transaction: Transaction, id: string, seen: SeenKey) {
  const seenSince = transaction
    .select({ createdAt: reveals.createdAt })
    .from(reveals)
    .where(and(eq(reveals.id, sql`${seen.revealId}::uuid`), eq(reveals.accountId, id)));
  const [reset] = await transaction
    .select({ at: auditEvents.at, userId: auditEvents.userId })
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.accountId, id),
        eq(auditEvents.action, 'api_key.reset'),
        gt(auditEvents.at, sql`coalesce((${seenSince}), '-infinity')`),
      ),
    )
    .orderBy(desc(auditEvents.at))
    .limit(1);
  return reset;
}

/** Describes what happened to an account's key since an administrator read the account. The account is locked. */
export async function readKeyChange(
  transaction: Transaction,
  { userId }: Administrator,
  seen: SeenKey,
  current: LockedKey,
): Promise<KeyChange> {
  const reset =
    seen.revealId === current.revealId ? undefined : await readReset(transaction, current.id, seen);
  if (!reset && !seen.hasKey && current.hasKey && current.keyGeneratedAt)
    return { kind: 'collected', at: current.keyGeneratedAt, by: null, isOwn: false };
  const { at, userId: changedBy } = reset ?? { at: current.updatedAt, userId: current.updatedBy };
  return {
    kind: reset ? 'reset' : 'edited',
    at,
    by: await readName(transaction, changedBy),
    isOwn: changedBy === userId,
  };
}

/** The columns of an account that `isKeyUnchanged` and `readKeyChange` need. */
export const keyColumns = {
  version: apiAccounts.version,
  revealId: apiAccounts.revealId,
  hasKey: sql<boolean>`${apiAccounts.keyDigest} is not null`,
  keyGeneratedAt: apiAccounts.keyGeneratedAt,
  updatedAt: apiAccounts.updatedAt,
  updatedBy: apiAccounts.updatedBy,
};
