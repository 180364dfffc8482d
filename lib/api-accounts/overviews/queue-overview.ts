import type { SQL } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { overviews } from '#db/schema/expiry.ts';
import { listAdministratorIds } from '#lib/identity/users/administrators.ts';
import { queueMessage } from '#lib/notifications/queue/queue-message.ts';

/**
 * Queues an overview for every active administrator, unless there is one for the period. If several workers do this at the
 * same time, the unique constraint lets one of them.
 * @param period the day or the week, which is named by its Monday
 * @returns the overview's id; null if the administrators already have one
 */
export async function queueOverview(
  transaction: Transaction,
  queue: PgBoss,
  kind: 'expiry' | 'unused' | 'token',
  period: SQL,
): Promise<string | null> {
  const [overview] = await transaction
    .insert(overviews)
    .values({ id: uuidv7(), kind, period })
    .onConflictDoNothing({ target: [overviews.kind, overviews.period] })
    .returning({ id: overviews.id });
  if (!overview) return null;
  for (const userId of await listAdministratorIds(transaction))
    await queueMessage(transaction, queue, { kind: `${kind}_overview`, overviewId: overview.id, userId });
  return overview.id;
}
