import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startUserLink } from '#lib/identity/email-links/start.ts';
import { queueFor } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { foldEmail } from './email.ts';
import { lockAdministrators } from './last-administrator.ts';
import type { InviteUser } from './schema.ts';

export type InviteUserResult =
  | { ok: true; id: string }
  /** Another user, perhaps an inactive one, has this email address. */
  | { ok: false; reason: 'taken' }
  | ReauthenticationRequired
  | Refusal;

async function invite(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { email, role }: InviteUser,
): Promise<InviteUserResult> {
  const refused = await lockAdministrators(transaction, administrator);
  if (refused) return refused;
  const { userId: createdBy, address } = administrator;
  const [user] = await transaction
    .insert(users)
    .values({ id: uuidv7(), email, emailFolded: foldEmail(email), name: '', role, updatedBy: createdBy })
    .onConflictDoNothing({ target: users.emailFolded })
    .returning({ id: users.id });
  if (!user) return { ok: false, reason: 'taken' };
  const { id } = user;
  await startUserLink(transaction, queue, { userId: id, purpose: 'invitation', createdBy });
  const details = { email, role };
  recordAuditEvent(transaction, 'user.invited', { userId: createdBy, targetUserId: id, address, details });
  return { ok: true, id };
}

/** Invites a user: sends them a link by email to set a password. */
export async function inviteUser(
  database: Database,
  administrator: Administrator,
  input: InviteUser,
): Promise<InviteUserResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await queueFor(database.$client);
  return withTransaction(database, (transaction) => invite(transaction, queue, administrator, input));
}
