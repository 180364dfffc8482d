import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { logRefusal } from '#lib/platform/authorization/log-refusal.ts';
import type { CurrentUser, Refusal } from '#lib/platform/authorization/roles.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

/** How many refused requests of one person are put on record in an hour: enough to see it, too few to fill a table. */
const RECORDED = { name: 'refusals-on-record', points: 20, seconds: 60 * 60 };

type Refused = Pick<Refusal, 'reason'> & {
  /** The action's or route's name, where it is known. */
  requested?: string | undefined;
};

/**
 * Tells of a request that was refused. Somebody who is signed in and lacks the role goes on record, 20 times an hour at
 * most; nobody (no session, an ended one, a foreign page) only into the log.
 */
export async function recordRefusal(
  database: Database,
  refused: Refused,
  person: CurrentUser | null,
): Promise<void> {
  logRefusal(refused.reason, { requested: refused.requested, userId: person?.userId ?? null });
  if (refused.reason !== 'wrong_role' || !person) return;
  const { userId, address, role } = person;
  if (!(await createRateLimiter(database.$client, RECORDED).take(userId)).ok) return;
  const { requested } = refused;
  const details = { role, ...(requested === undefined ? {} : { requested }) };
  await withTransaction(database, async (transaction) =>
    recordAuditEvent(transaction, 'request.refused', { userId, address, outcome: 'refused', details }),
  );
}
