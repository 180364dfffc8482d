import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startEmailLink } from '#lib/identity/email-links/start.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { lockUsersAsAdministrator } from './last-administrator.ts';
import { readUser } from './list.ts';
import type { UserIdInput } from './schema.ts';

export type InviteAgainResult =
  | { ok: true; email: string }
  | { ok: false; reason: 'not_found' }
  /** The user already has a sign-in method, or is inactive. */
  | { ok: false; reason: 'not_invited' }
  | ReauthenticationRequired
  | Refusal;

async function inviteAgain(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { id }: UserIdInput,
): Promise<InviteAgainResult> {
  const refusal = await lockUsersAsAdministrator(transaction, administrator);
  if (refusal) return refusal;
  const lockedUser = await lockUser(transaction, id);
  const user = lockedUser && (await readUser(transaction, id));
  if (!user) return { ok: false, reason: 'not_found' };
  if (user.hasSignInMethod || !user.active) return { ok: false, reason: 'not_invited' };
  const { userId: createdBy, ipAddress } = administrator;
  await startEmailLink(transaction, queue, { userId: id, purpose: 'invitation', createdBy });
  const details = { email: user.email };
  recordAuditEvent(transaction, 'user.invited_again', {
    userId: createdBy,
    targetUserId: id,
    ipAddress,
    details,
  });
  return { ok: true, email: user.email };
}

/** Sends a user without a sign-in method an invitation with a new link, which replaces earlier ones. */
export async function resendInvitation(
  database: Database,
  administrator: Administrator,
  input: UserIdInput,
): Promise<InviteAgainResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, (transaction) => inviteAgain(transaction, queue, administrator, input));
}
