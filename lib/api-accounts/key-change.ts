import { and, desc, eq, gt, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { leaks } from '#db/schema/leaks.ts';
import { reveals } from '#db/schema/reveals.ts';
import { readActorName } from '#lib/identity/users/actor-name.ts';
import { type Actor, getActorId } from '#lib/platform/authorization/actor.ts';
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

/** Reads when and by whom the key was last reset after the seen reveal had started; undefined if it was not. */
async function readReset(transaction: Transaction, id: string, seen: SeenKey) {
  const seenSince = transaction
    .select({ createdAt: reveals.createdAt })
    .from(reveals)
    .where(and(eq(reveals.id, sql`${seen.revealId}::uuid`), eq(reveals.accountId, id)));
  const [reset] = await transaction
    .select({
      at: auditEvents.at,
      actorId: sql<string | null>`coalesce(${auditEvents.userId}, ${auditEvents.accessTokenId})`,
    })
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

/** Reads when the key that an actor has seen leaked; undefined if it did not. */
async function readLeak(transaction: Transaction, id: string, seen: SeenKey) {
  const isOfSeenKey = and(eq(leaks.revealId, sql`${seen.revealId}::uuid`), eq(leaks.key, 'current'));
  const [leak] = await transaction
    .select({ at: leaks.at })
    .from(leaks)
    .where(and(eq(leaks.accountId, id), isOfSeenKey));
  return leak;
}

/** Describes what happened to an account's key since an actor read the account. The account is locked. */
export async function readKeyChange(
  transaction: Transaction,
  actor: Actor<'accounts:write'>,
  seen: SeenKey,
  current: LockedKey,
): Promise<KeyChange> {
  const reset =
    seen.revealId === current.revealId ? undefined : await readReset(transaction, current.id, seen);
  if (!reset && !seen.hasKey && current.hasKey && current.keyGeneratedAt)
    return { kind: 'collected', at: current.keyGeneratedAt, by: null, isOwn: false };
  const leak =
    !reset && seen.hasKey && !current.hasKey ? await readLeak(transaction, current.id, seen) : undefined;
  if (leak) return { kind: 'leaked', at: leak.at, by: null, isOwn: false };
  const { at, actorId } = reset ?? { at: current.updatedAt, actorId: current.updatedBy };
  return {
    kind: reset ? 'reset' : 'edited',
    at,
    by: await readActorName(transaction, actorId),
    isOwn: actorId === getActorId(actor),
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
