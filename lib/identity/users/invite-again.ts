import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startUserLink } from '#lib/identity/email-links/start.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { queueFor } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { lockAdministrators } from './last-administrator.ts';
import { readUser } from './list.ts';
import type { UserId } from './schema.ts';

export type InviteAgainResult =
  | { ok: true; email: string }
  | { ok: false; reason: 'missing' }
  /** The user has accepted meanwhile, or is inactive. */
  | { ok: false; reason: 'not_invited' }
  | ReauthenticationRequired
  | Refusal;

async function inviteAgain(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { id }: UserId,
): Promise<InviteAgainResult> {
  const refused = await lockAdministrators(transaction, administrator);
  if (refused) return refused;
  const lockedUser = await lockUser(transaction, id);
  const user = lockedUser && (await readUser(transaction, id));
  if (!user) return { ok: false, reason: 'missing' };
  if (!user.invited || !user.active) return { ok: false, reason: 'not_invited' };
  const { userId: createdBy, address } = administrator;
  await startUserLink(transaction, queue, { userId: id, purpose: 'invitation', createdBy });
  const details = { email: user.email };
  recordAuditEvent(transaction, 'user.invited_again', {
    userId: createdBy,
    targetUserId: id,
    address,
    details,
  });
  return { ok: true, email: user.email };
}

/** Resends an invitation that was not accepted yet, with a new link that replaces the earlier one. */
export async function resendInvitation(
  database: Database,
  administrator: Administrator,
  input: UserId,
): Promise<InviteAgainResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await queueFor(database.$client);
  return withTransaction(database, (transaction) => inviteAgain(transaction, queue, administrator, input));
}
