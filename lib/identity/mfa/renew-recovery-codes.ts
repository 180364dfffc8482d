import type { Database } from '#db/client.ts';
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
import { generateRecoveryCodes } from './recovery-codes.ts';

export type RenewCodesResult =
  | { ok: true; recoveryCodes: string[] }
  | { ok: false; reason: 'no_factor' }
  | ReauthenticationRequired
  | Refusal;

/**
 * Replaces a user's recovery codes, which revokes the earlier ones. Returns `no_factor` if the user has no second factor.
 */
export async function renewRecoveryCodes(database: Database, user: CurrentUser): Promise<RenewCodesResult> {
  if (!user.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId, ipAddress } = user;
  const queue = await getQueue(database.$client);
  return withTransaction(database, async (transaction) => {
    const lockedUser = await lockActor(transaction, user);
    if (!lockedUser) return SIGNED_OUT;
    if (lockedUser.factorCount === 0) return { ok: false, reason: 'no_factor' };
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
