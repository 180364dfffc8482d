import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { ATTEMPTS_PER_LINK } from '#lib/account-state/limits.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { readLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { CODE_MINUTES, NEW_CODES_PER_LINK, SECONDS_BETWEEN_CODES } from './limits.ts';
import { readReveal } from './read.ts';
import type { RevealView } from './schema.ts';

export type NewCodeResult =
  | { ok: true; view: RevealView }
  | { ok: false; reason: 'too_soon' | 'no_codes_left' | 'sms_blocked'; view: RevealView }
  | { ok: false; reason: 'used'; usedAt: string }
  | { ok: false; reason: 'invalid_link' };

/**
 * Locks the reveal if every limit allows a new code.
 * A single guarded statement, so that only one of several concurrent requests succeeds.
 */
async function lockRevealIfAllowed(transaction: Transaction, revealId: string) {
  const [locked] = await transaction
    .select({ accountId: reveals.accountId, codeGeneration: reveals.codeGeneration })
    .from(reveals)
    .where(
      and(
        eq(reveals.id, revealId),
        isNull(reveals.endedAt),
        gt(reveals.expiresAt, sql`now()`),
        lt(reveals.linkAttempts, ATTEMPTS_PER_LINK),
        lt(reveals.newCodes, NEW_CODES_PER_LINK),
        sql`${reveals.codeIssuedAt} <= now() - make_interval(secs => ${SECONDS_BETWEEN_CODES})`,
      ),
    )
    .for('update');
  return locked;
}

/** Issues the next code, which invalidates the previous one. The caller has locked the reveal. */
async function issueCode(transaction: Transaction, revealId: string): Promise<void> {
  await transaction
    .update(reveals)
    .set({
      codeGeneration: sql`${reveals.codeGeneration} + 1`,
      codeAttempts: 0,
      newCodes: sql`${reveals.newCodes} + 1`,
      codeIssuedAt: sql`now()`,
      codeExpiresAt: sql`now() + make_interval(mins => ${CODE_MINUTES})`,
    })
    .where(eq(reveals.id, revealId));
}

/**
 * Sends the integrator a new code by SMS and invalidates the previous one. Attempts on the link are not reset.
 * If the SMS policy blocks the message, nothing is consumed and the current code stays valid.
 *
 * Concurrent requests cannot exceed the link's limits: codes at least 30 seconds apart, and 5 in total.
 * @param ipAddress the client's, for the audit log
 */
export async function requestNewCode(
  database: Database,
  token: string,
  ipAddress: string | null = null,
): Promise<NewCodeResult> {
  const revealId = readLinkToken('reveal', token, settings().authSecret);
  if (!revealId) return { ok: false, reason: 'invalid_link' };
  const queue = await getQueue(database.$client);
  const outcome = await withTransaction(database, async (transaction) => {
    const reveal = await lockRevealIfAllowed(transaction, revealId);
    if (!reveal) return 'not_allowed';
    const { accountId, codeGeneration } = reveal;
    const sms = { kind: 'code', revealId, codeGeneration: codeGeneration + 1 } as const;
    if (!(await queueMessage(transaction, queue, sms)).ok) return 'sms_blocked';
    await issueCode(transaction, revealId);
    recordAuditEvent(transaction, 'reveal.new_code', {
      userId: null,
      accountId,
      ipAddress,
      details: { revealId },
    });
    return 'issued';
  });
  const reveal = await readReveal(database, revealId);
  if (reveal.state === 'used') return { ok: false, reason: 'used', usedAt: reveal.usedAt };
  if (reveal.state === 'invalid_link') return { ok: false, reason: 'invalid_link' };
  const { view } = reveal;
  if (outcome === 'issued') return { ok: true, view };
  if (outcome === 'sms_blocked') return { ok: false, reason: outcome, view };
  return { ok: false, reason: view.newCodesLeft > 0 ? 'too_soon' : 'no_codes_left', view };
}
