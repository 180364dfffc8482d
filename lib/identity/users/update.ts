import { and, eq, ne, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endUserLinks } from '#lib/identity/email-links/end.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import { queueFor, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { foldEmail } from './email.ts';
import { isAdministratorLeft, lockAdministrators } from './last-administrator.ts';
import { readUser } from './list.ts';
import type { EditUser, UserSummary } from './schema.ts';

export type Conflict = { ok: false; reason: 'conflict'; current: UserSummary; changedBy: string | null };

type Refused =
  | { ok: false; reason: 'missing' }
  | Conflict
  /** Administrators cannot change their own role or deactivate themselves. */
  | { ok: false; reason: 'own' }
  /** The user is the last Settings Administrator who can sign in. */
  | { ok: false; reason: 'last' }
  | { ok: false; reason: 'name_required' }
  | { ok: false; reason: 'taken' }
  | ReauthenticationRequired
  | Refusal;

export type UpdateUserResult =
  /** `notifiedAddress`: the previous email address, if it is notified of the change. */
  { ok: true; user: UserSummary; notifiedAddress: string | null } | Refused;

/** Returns what was saved since the editor was opened, and by which administrator. */
export async function describeConflict(transaction: Transaction, current: UserSummary): Promise<Conflict> {
  const [row] = await transaction
    .select({ updatedBy: users.updatedBy })
    .from(users)
    .where(eq(users.id, current.id));
  const editor = row?.updatedBy ? await readUser(transaction, row.updatedBy) : undefined;
  return { ok: false, reason: 'conflict', current, changedBy: editor ? editor.name || editor.email : null };
}

const isActiveAdministrator = ({ role, active }: Pick<EditUser, 'role' | 'active'>) =>
  active && role === 'settings_administrator';

/** The caller has called `lockUsers`, as does everything that sets an email address. */
async function isEmailTaken(transaction: Transaction, { id, email }: EditUser): Promise<boolean> {
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
  after: EditUser,
): Promise<Refused | null> {
  if (before.version !== after.version) return describeConflict(transaction, before);
  const changesPermissions = before.role !== after.role || before.active !== after.active;
  if (before.id === administrator.userId && changesPermissions) return { ok: false, reason: 'own' };
  const losesAdministrator = isActiveAdministrator(before) && !isActiveAdministrator(after);
  if (losesAdministrator && !(await isAdministratorLeft(transaction, before.id)))
    return { ok: false, reason: 'last' };
  if (!after.name && before.name) return { ok: false, reason: 'name_required' };
  return (await isEmailTaken(transaction, after)) ? { ok: false, reason: 'taken' } : null;
}

/** Records the deactivation of a user, and ends their sessions, links by email and pending sign-ins. */
async function deactivate(
  transaction: Transaction,
  { userId, address }: Administrator,
  id: string,
): Promise<void> {
  const sessionsEnded = await endUserSessions(transaction, id, 'deactivated');
  await endUserLinks(transaction, id, 'withdrawn');
  await deletePendingSignIns(transaction, id);
  const details = { sessionsEnded };
  recordAuditEvent(transaction, 'user.deactivated', { userId, targetUserId: id, address, details });
}

/** Records the reactivation of a user. Sessions and links that ended stay ended. */
function reactivate(transaction: Transaction, { userId, address }: Administrator, id: string): void {
  recordAuditEvent(transaction, 'user.reactivated', { userId, targetUserId: id, address });
}

/**
 * Withdraws the links that were sent to the previous email address, and notifies it. Not for a change of case only.
 * Sends no notice if the user never accepted: a mistyped address may belong to a stranger.
 * @returns the previous email address if it is notified
 */
async function handleEmailChange(
  transaction: Transaction,
  queue: PgBoss,
  { id: userId, email, accepted }: UserSummary,
): Promise<string | null> {
  await endUserLinks(transaction, userId, 'withdrawn');
  if (!accepted) return null;
  const notice = { kind: 'security_notice', userId, notice: 'email_changed', noticeTo: email } as const;
  await queueMessage(transaction, queue, notice);
  return email;
}

/**
 * Writes and records what differs, and applies the consequences.
 * @returns the previous email address if it is notified
 */
async function writeChanges(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { before, after }: { before: UserSummary; after: EditUser },
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
    const { userId, address } = administrator;
    recordAuditEvent(transaction, 'user.edited', { userId, targetUserId: id, address, details });
  }
  if (before.active && !active) await deactivate(transaction, administrator, id);
  if (!before.active && active) reactivate(transaction, administrator, id);
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
  after: EditUser,
): Promise<UpdateUserResult> {
  const refused = await lockAdministrators(transaction, administrator);
  if (refused) return refused;
  const lockedUser = await lockUser(transaction, after.id);
  const before = lockedUser && (await readUser(transaction, after.id));
  if (!before) return { ok: false, reason: 'missing' };
  const rejection = await validateEdit(transaction, administrator, before, after);
  if (rejection) return rejection;
  const notifiedAddress = await writeChanges(transaction, queue, administrator, { before, after });
  const user = await readUser(transaction, after.id);
  return user ? { ok: true, user, notifiedAddress } : { ok: false, reason: 'missing' };
}

/**
 * Updates a user's name, email address, role and status, unless they were saved after `version`. Ends all their sessions if
 * the role changes or the user is deactivated.
 */
export async function updateUser(
  database: Database,
  administrator: Administrator,
  input: EditUser,
): Promise<UpdateUserResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await queueFor(database.$client);
  return withTransaction(database, (transaction) => saveUser(transaction, queue, administrator, input));
}
