import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { endPreviousKey } from '#lib/key-delivery/previous-key.ts';
import { type Actor, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';

/** `already_ended`: there is no old key, or it has ended since the administrator saw it. */
export type EndOldKeyResult = { ok: true } | { ok: false; reason: 'not_found' | 'already_ended' };

/**
 * Ends an account's old key, which a reset had let work for longer, on commit. Needs no recent authentication, because it
 * only takes access away, and may be urgent.
 */
export async function endOldKey(
  database: Database,
  actor: Actor<'accounts:write'>,
  { id }: { id: string },
): Promise<EndOldKeyResult> {
  return withActorTransaction(database, actor, async (transaction): Promise<EndOldKeyResult> => {
    const [locked] = await transaction
      .select({ id: apiAccounts.id })
      .from(apiAccounts)
      .where(eq(apiAccounts.id, id))
      .for('update');
    if (!locked) return { ok: false, reason: 'not_found' };
    const hasEnded = await endPreviousKey(transaction, id, 'administrator', getAuditActor(actor));
    return hasEnded ? { ok: true } : { ok: false, reason: 'already_ended' };
  });
}
