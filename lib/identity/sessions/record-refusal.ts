import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { logRefusal } from '#lib/platform/authorization/log-refusal.ts';
import type { CurrentUser, Refusal } from '#lib/platform/authorization/roles.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

/** Limits recorded refusals per user, so that a user cannot fill the audit log. */
const MAX_RECORDED = { name: 'refusals-on-record', points: 20, seconds: 60 * 60 };

type RefusedRequest = Pick<Refusal, 'reason'> & {
  /** The name of the requested action, if the caller knows it. */
  requested?: string | undefined;
};

/**
 * Logs a refused request. If a signed-in user lacks the role, also records an audit event, at most 20 an hour per user.
 * Any other refusal is only logged, such as of a request without a session or from another site.
 */
export async function recordRefusal(
  database: Database,
  refused: RefusedRequest,
  user: CurrentUser | null,
): Promise<void> {
  logRefusal(refused.reason, { requested: refused.requested, userId: user?.userId ?? null });
  if (refused.reason !== 'wrong_role' || !user) return;
  const { userId, ipAddress, role } = user;
  if (!(await createRateLimiter(database.$client, MAX_RECORDED).consume(userId)).ok) return;
  const { requested } = refused;
  const details = { role, ...(requested === undefined ? {} : { requested }) };
  await withTransaction(database, async (transaction) =>
    recordAuditEvent(transaction, 'request.refused', { userId, ipAddress, outcome: 'refused', details }),
  );
}
