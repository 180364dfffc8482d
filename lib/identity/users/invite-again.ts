import { eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startEmailLink } from '#lib/identity/email-links/start.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { lockUsersAsAdministrator } from './last-administrator.ts';
import { readUser } from './list.ts';
import type { SeenInvitation, UserIdInput, UserSummary } from './schema.ts';
import { type EditConflict, readEditConflict } from './update.ts';

export type InviteAgainResult =
  | { ok: true; email: string; invitationId: string }
  | { ok: false; reason: 'not_found' }
  /** The user already has a sign-in method, or is inactive. */
  | { ok: false; reason: 'not_invited' }
  /** The user was saved after the administrator had read them, so the email address may have changed. */
  | EditConflict
  /** Another invitation was sent, at `at`. `by`: who sent it, if that user still exists. */
  | {
      ok: false;
      reason: 'invited_again';
      by: string | null;
      isOwn: boolean;
      at: Date;
      readAt: Date;
      invitationId: string;
    }
  | ReauthenticationRequired
  | Refusal;

type InviteAgainInput = UserIdInput & { seen?: SeenInvitation };

/** Describes the latest invitation, which the administrator has not seen. */
async function describeInvitation(
  transaction: Transaction,
  { userId }: Administrator,
  { invitationId }: UserSummary,
): Promise<InviteAgainResult> {
  const [link] = await transaction
    .select({
      id: userLinks.id,
      createdBy: userLinks.createdBy,
      at: userLinks.createdAt,
      readAt: sql`clock_timestamp()`.mapWith(userLinks.createdAt),
    })
    .from(userLinks)
    .where(eq(userLinks.id, sql`${invitationId}::uuid`));
  if (!link) return { ok: false, reason: 'not_found' };
  const { id, createdBy, at, readAt } = link;
  const sender = createdBy === null ? undefined : await readUser(transaction, createdBy);
  const by = sender ? sender.name || sender.email : null;
  const isOwn = createdBy === userId;
  return { ok: false, reason: 'invited_again', by, isOwn, at, readAt, invitationId: id };
}

async function inviteAgain(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { id, seen }: InviteAgainInput,
): Promise<InviteAgainResult> {
  const refusal = await lockUsersAsAdministrator(transaction, administrator);
  if (refusal) return refusal;
  const lockedUser = await lockUser(transaction, id);
  const user = lockedUser && (await readUser(transaction, id));
  if (!user) return { ok: false, reason: 'not_found' };
  if (user.hasSignInMethod || !user.active) return { ok: false, reason: 'not_invited' };
  if (seen && seen.version !== user.version) return readEditConflict(transaction, user);
  if (seen && seen.invitationId !== user.invitationId)
    return describeInvitation(transaction, administrator, user);
  const { userId: createdBy, ipAddress } = administrator;
  const invitationId = await startEmailLink(transaction, queue, {
    userId: id,
    purpose: 'invitation',
    createdBy,
  });
  const details = { email: user.email };
  recordAuditEvent(transaction, 'user.invited_again', {
    userId: createdBy,
    targetUserId: id,
    ipAddress,
    details,
  });
  return { ok: true, email: user.email, invitationId };
}

/**
 * Sends a user without a sign-in method an invitation with a new link, which replaces earlier ones.
 * @param input.seen what the administrator has seen; if it has changed, nothing is sent. Missing: sends in any case
 */
export async function resendInvitation(
  database: Database,
  administrator: Administrator,
  input: InviteAgainInput,
): Promise<InviteAgainResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, (transaction) => inviteAgain(transaction, queue, administrator, input));
}
