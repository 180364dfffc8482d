import { and, eq, ne, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endEmailLinks } from '#lib/identity/email-links/end.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { foldEmail } from './fold-email.ts';
import { isAdministratorLeft, lockUsersAsAdministrator } from './last-administrator.ts';
import { readUser } from './list.ts';
import type { EditUserInput, UserSummary } from './schema.ts';

export type EditConflict = { ok: false; reason: 'conflict'; current: UserSummary; changedBy: string | null };

type UpdateRefused =
  | { ok: false; reason: 'not_found' }
  | EditConflict
  /** Administrators cannot change their own role or deactivate themselves. */
  | { ok: false; reason: 'own_permissions' }
  /** The user is the last Settings Administrator who can sign in. */
  | { ok: false; reason: 'last_administrator' }
  | { ok: false; reason: 'name_required' }
  | { ok: false; reason: 'email_taken' }
  | ReauthenticationRequired
  | Refusal;

export type UpdateUserResult =
  /** `notifiedAddress`: the previous email address if it gets a notice of the change. */
  { ok: true; user: UserSummary; notifiedAddress: string | null } | UpdateRefused;

/** Returns the saved user, and who saved them since the editor was opened. */
export async function readEditConflict(
  transaction: Transaction,
  current: UserSummary,
): Promise<EditConflict> {
  const [row] = await transaction
    .select({ updatedBy: users.updatedBy })
    .from(users)
    .where(eq(users.id, current.id));
  const savedBy = row?.updatedBy ? await readUser(transaction, row.updatedBy) : undefined;
  return {
    ok: false,
    reason: 'conflict',
    current,
    changedBy: savedBy ? savedBy.name || savedBy.email : null,
  };
}

const isActiveAdministrator = ({ role, active }: Pick<EditUserInput, 'role' | 'active'>) =>
  active && role === 'settings_administrator';

/**
 * Returns whether another user has the email address. The caller has called `lockUsersAsAdministrator`, which allows one
 * change of users at a time, so no concurrent edit can take the address.
 */
async function isEmailTaken(transaction: Transaction, { id, email }: EditUserInput): Promise<boolean> {
  const others = await transaction
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.emailFolded, foldEmail(email)), ne(users.id, id)));
  return others.length > 0;
}

/** Returns why the edit is rejected; null if it is valid. */
async function validateEdit(
  transaction: Transaction,
  administrator: Administrator,
  before: UserSummary,
  after: EditUserInput,
): Promise<UpdateRefused | null> {
  if (before.version !== after.version) return readEditConflict(transaction, before);
  const changesPermissions = before.role !== after.role || before.active !== after.active;
  if (before.id === administrator.userId && changesPermissions)
    return { ok: false, reason: 'own_permissions' };
  const losesAdministrator = isActiveAdministrator(before) && !isActiveAdministrator(after);
  if (losesAdministrator && !(await isAdministratorLeft(transaction, before.id)))
    return { ok: false, reason: 'last_administrator' };
  if (!after.name && before.name) return { ok: false, reason: 'name_required' };
  return (await isEmailTaken(transaction, after)) ? { ok: false, reason: 'email_taken' } : null;
}

/** Records a deactivation. Ends the user's sessions, deletes their pending sign-ins and withdraws their email links. */
async function handleDeactivation(
  transaction: Transaction,
  { userId, ipAddress }: Administrator,
  id: string,
): Promise<void> {
  const sessionsEnded = await endUserSessions(transaction, id, 'deactivated');
  await endEmailLinks(transaction, id, 'withdrawn');
  await deletePendingSignIns(transaction, id);
  const details = { sessionsEnded };
  recordAuditEvent(transaction, 'user.deactivated', { userId, targetUserId: id, ipAddress, details });
}

/** Records a reactivation. Does not restore sessions or email links. */
function recordReactivation(
  transaction: Transaction,
  { userId, ipAddress }: Administrator,
  id: string,
): void {
  recordAuditEvent(transaction, 'user.reactivated', { userId, targetUserId: id, ipAddress });
}

/**
 * Withdraws the links that were sent to the previous email address, and sends it a notice. Sends no notice if the user
 * has never accepted an invitation: a mistyped email address may belong to a stranger.
 * @returns the previous email address if it gets a notice
 */
async function handleEmailChange(
  transaction: Transaction,
  queue: PgBoss,
  { id: userId, email, hasAcceptedInvitation }: UserSummary,
): Promise<string | null> {
  await endEmailLinks(transaction, userId, 'withdrawn');
  if (!hasAcceptedInvitation) return null;
  const notice = { kind: 'security_notice', userId, notice: 'email_changed', noticeTo: email } as const;
  await queueMessage(transaction, queue, notice);
  return email;
}

/**
 * Writes and records what has changed. Ends sessions and notifies the previous email address if necessary.
 * @returns the previous email address if it gets a notice
 */
async function writeChanges(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { before, after }: { before: UserSummary; after: EditUserInput },
): Promise<string | null> {
  const { id, name, email, role, active } = after;
  const isEdited = before.name !== name || before.email !== email || before.role !== role;
  if (!isEdited && before.active === active) return null;
  await transaction
    .update(users)
    .set({
      ...{ name, email, emailFolded: foldEmail(email), role, active },
      ...{ version: before.version + 1, updatedAt: sql`now()`, updatedBy: administrator.userId },
    })
    .where(and(eq(users.id, id), eq(users.version, before.version)));
  if (isEdited) {
    const details = {
      before: { name: before.name, email: before.email, role: before.role },
      after: { name, email, role },
    };
    const { userId, ipAddress } = administrator;
    recordAuditEvent(transaction, 'user.edited', { userId, targetUserId: id, ipAddress, details });
  }
  if (before.active && !active) await handleDeactivation(transaction, administrator, id);
  if (!before.active && active) recordReactivation(transaction, administrator, id);
  if (before.role !== role) {
    await endUserSessions(transaction, id, 'role_changed');
    await deletePendingSignIns(transaction, id);
  }
  return foldEmail(before.email) === foldEmail(email) ? null : handleEmailChange(transaction, queue, before);
}

async function saveUser(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  after: EditUserInput,
): Promise<UpdateUserResult> {
  const refusal = await lockUsersAsAdministrator(transaction, administrator);
  if (refusal) return refusal;
  const lockedUser = await lockUser(transaction, after.id);
  const before = lockedUser && (await readUser(transaction, after.id));
  if (!before) return { ok: false, reason: 'not_found' };
  const rejection = await validateEdit(transaction, administrator, before, after);
  if (rejection) return rejection;
  const notifiedAddress = await writeChanges(transaction, queue, administrator, { before, after });
  const user = await readUser(transaction, after.id);
  return user ? { ok: true, user, notifiedAddress } : { ok: false, reason: 'not_found' };
}

/**
 * Updates a user's name, email address and role, and whether they are active, unless they were saved after `version`.
 * Ends all their sessions if the role changes or the user is deactivated.
 */
export async function updateUser(
  database: Database,
  administrator: Administrator,
  input: EditUserInput,
): Promise<UpdateUserResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, (transaction) => saveUser(transaction, queue, administrator, input));
}
