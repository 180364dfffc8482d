import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { readLinkToken } from './derive.ts';
import { ATTEMPTS_PER_LINK, CODE_MINUTES, NEW_CODES_PER_LINK, SECONDS_BETWEEN_CODES } from './limits.ts';
import type { RevealView } from './schema.ts';
import { readReveal } from './view.ts';

export type NewCode =
  | { ok: true; view: RevealView }
  | { ok: false; reason: 'too_soon' | 'none_left' | 'text_refused'; view: RevealView }
  | { ok: false; reason: 'ended' };

/** Holds the reveal where every limit allows a new code: one guarded statement, so that of many at once one gets it. */
async function holdIfAllowed(transaction: Transaction, revealId: string) {
  const [held] = await transaction
    .select({ accountId: reveals.accountId, codeGeneration: reveals.codeGeneration })
    .from(reveals)
    .where(
      and(
        eq(reveals.id, revealId),
        isNull(reveals.endedAt),
        gt(reveals.expiresAt, sql`now()`),
        lt(reveals.linkTries, ATTEMPTS_PER_LINK),
        lt(reveals.newCodes, NEW_CODES_PER_LINK),
        sql`${reveals.codeIssuedAt} <= now() - make_interval(secs => ${SECONDS_BETWEEN_CODES})`,
      ),
    )
    .for('update');
  return held;
}

/** Makes the next generation the present one. The caller holds the reveal. */
async function issue(transaction: Transaction, revealId: string): Promise<void> {
  await transaction
    .update(reveals)
    .set({
      codeGeneration: sql`${reveals.codeGeneration} + 1`,
      codeTries: 0,
      newCodes: sql`${reveals.newCodes} + 1`,
      codeIssuedAt: sql`now()`,
      codeExpiresAt: sql`now() + make_interval(mins => ${CODE_MINUTES})`,
    })
    .where(eq(reveals.id, revealId));
}

/**
 * Texts the integrator a new code; the one before is dead at once. Tries spent on the link stay spent. Where the
 * rules for texts refuse it, nothing is spent and the present code stays good.
 *
 * However many ask at the same time, the link's limits hold: 30 seconds apart, 5 in all.
 * @param address the client's, for the audit log
 */
export async function requestNewCode(
  database: Database,
  token: string,
  address: string | null = null,
): Promise<NewCode> {
  const revealId = readLinkToken(token, settings().authSecret);
  if (!revealId) return { ok: false, reason: 'ended' };
  const sender = await queueFor(database.$client);
  const outcome = await withTransaction(database, async (transaction) => {
    const held = await holdIfAllowed(transaction, revealId);
    if (!held) return 'not_now';
    const { accountId, codeGeneration } = held;
    const text = { kind: 'code', revealId, codeGeneration: codeGeneration + 1 } as const;
    if (!(await queueMessage(transaction, sender, text)).ok) return 'text_refused';
    await issue(transaction, revealId);
    recordAuditEvent(transaction, 'reveal.new_code', {
      userId: null,
      accountId,
      address,
      details: { revealId },
    });
    return 'issued';
  });
  const reveal = await readReveal(database, revealId);
  if (reveal.state !== 'open') return { ok: false, reason: 'ended' };
  const { view } = reveal;
  if (outcome === 'issued') return { ok: true, view };
  if (outcome === 'text_refused') return { ok: false, reason: outcome, view };
  return { ok: false, reason: view.newCodesLeft > 0 ? 'too_soon' : 'none_left', view };
}
