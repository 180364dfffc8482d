import { sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import {
  type CurrentUser,
  type ReauthenticationRequired,
  type Refusal,
  SIGNED_OUT,
} from '#lib/platform/authorization/roles.ts';
import { lockActor } from './lock-actor.ts';
import { generateRecoveryCodes, readRecoveryCodesTime } from './recovery-codes.ts';

export type RenewCodesResult =
  | { ok: true; recoveryCodes: string[] }
  | { ok: false; reason: 'no_factor' }
  /** Codes were generated, at `generatedAt`, after the user had opened the page. `readAt`: the database's time. */
  | { ok: false; reason: 'already_renewed'; generatedAt: Date; readAt: Date }
  | ReauthenticationRequired
  | Refusal;

/** Reads the database's time. */
async function readTime(transaction: Transaction): Promise<Date> {
  const { rows } = await transaction.execute<{ now: string | Date }>(sql`select clock_timestamp() as now`);
  const [row] = rows;
  if (!row) throw new Error('the database returned no time');
  return new Date(row.now);
}

/**
 * Replaces a user's recovery codes, which revokes the earlier ones. Returns `no_factor` if the user has no second factor.
 * @param seen when the codes that the user knows of were generated; newer codes stay. Missing: replaces any codes
 */
export async function renewRecoveryCodes(
  database: Database,
  user: CurrentUser,
  seen?: { generatedAt: Date | null },
): Promise<RenewCodesResult> {
  if (!user.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId, ipAddress } = user;
  const queue = await getQueue(database.$client);
  return withTransaction(database, async (transaction) => {
    const lockedUser = await lockActor(transaction, user);
    if (!lockedUser) return SIGNED_OUT;
    if (lockedUser.factorCount === 0) return { ok: false, reason: 'no_factor' };
    const generatedAt = await readRecoveryCodesTime(transaction, userId);
    if (seen && generatedAt && generatedAt.getTime() !== seen.generatedAt?.getTime())
      return { ok: false, reason: 'already_renewed', generatedAt, readAt: await readTime(transaction) };
    const recoveryCodes = await generateRecoveryCodes(transaction, userId);
    recordAuditEvent(transaction, 'recovery_codes.made', { userId, ipAddress });
    await queueMessage(transaction, queue, {
      kind: 'security_notice',
      userId,
      notice: 'recovery_codes_made',
    });
    return { ok: true, recoveryCodes };
  });
}
