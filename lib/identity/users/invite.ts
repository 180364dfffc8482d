import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startEmailLink } from '#lib/identity/email-links/start.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { foldEmail } from './fold-email.ts';
import { lockUsersAsAdministrator } from './last-administrator.ts';
import type { InviteUserInput } from './schema.ts';

export type InviteUserResult =
  | { ok: true; id: string }
  /** Another user, perhaps an inactive one, has this email address. */
  | { ok: false; reason: 'email_taken' }
  | ReauthenticationRequired
  | Refusal;

async function createAndInvite(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { email, role }: InviteUserInput,
): Promise<InviteUserResult> {
  const refusal = await lockUsersAsAdministrator(transaction, administrator);
  if (refusal) return refusal;
  const { userId: createdBy, ipAddress } = administrator;
  const [user] = await transaction
    .insert(users)
    .values({ id: uuidv7(), email, emailFolded: foldEmail(email), name: '', role, updatedBy: createdBy })
    .onConflictDoNothing({ target: users.emailFolded })
    .returning({ id: users.id });
  if (!user) return { ok: false, reason: 'email_taken' };
  const { id } = user;
  await startEmailLink(transaction, queue, { userId: id, purpose: 'invitation', createdBy });
  const details = { email, role };
  recordAuditEvent(transaction, 'user.invited', { userId: createdBy, targetUserId: id, ipAddress, details });
  return { ok: true, id };
}

/** Creates a user without a password, and sends them an invitation by email. */
export async function inviteUser(
  database: Database,
  administrator: Administrator,
  input: InviteUserInput,
): Promise<InviteUserResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, (transaction) =>
    createAndInvite(transaction, queue, administrator, input),
  );
}
