import type { Database, Transaction } from '#db/client.ts';
import { lockUsersAsAdministrator } from '#lib/identity/users/last-administrator.ts';
import type { Actor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import type { Refusal } from '#lib/platform/authorization/roles.ts';

/**
 * Runs `work` in a transaction that checks the actor again: events go to an endpoint for longer than the actor's session,
 * role or token lasts.
 */
export function withEndpointChange<T>(
  database: Database,
  actor: Actor<'webhooks:write'>,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T | Refusal> {
  return withActorTransaction(database, actor, async (transaction): Promise<T | Refusal> => {
    const refusal = 'userId' in actor ? await lockUsersAsAdministrator(transaction, actor) : null;
    return refusal ?? work(transaction);
  });
}
