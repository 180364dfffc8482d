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
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { deactivate } from './deactivate.ts';
import { foldEmail } from './email.ts';
import { isAdministratorLeft, lockAdministrators } from './last-administrator.ts';
import { readUser } from './list.ts';
import { reactivate } from './reactivate.ts';
import type { EditUser, UserSummary } from './schema.ts';

export type Conflict = { ok: false; reason: 'conflict'; current: UserSummary; changedBy: string | null };

type Refused =
  | { ok: false; reason: 'missing' }
  | Conflict
  /** Nobody changes their own role, or keeps themselves from signing in. */
  | { ok: false; reason: 'own' }
  /** Of all Settings Administrators who can sign in, one has to remain. */
  | { ok: false; reason: 'last' }
  | { ok: false; reason: 'nameless' }
  | { ok: false; reason: 'taken' }
  | ReauthenticationRequired
  | Refusal;

export type UpdateUserResult =
  /** `formerTold`: a notice of the other email address goes to this one. */
  { ok: true; user: UserSummary; formerTold: string | null } | Refused;

/** What another administrator has saved since the editor was opened, and who. */
export async function describeConflict(transaction: Transaction, current: UserSummary): Promise<Conflict> {
  const [of] = await transaction.select({ by: users.updatedBy }).from(users).where(eq(users.id, current.id));
  const by = of?.by ? await readUser(transaction, of.by) : undefined;
  return { ok: false, reason: 'conflict', current, changedBy: by ? by.name || by.email : null };
}

const isActiveAdministrator = ({ role, active }: Pick<EditUser, 'role' | 'active'>) =>
  active && role === 'settings_administrator';

/** Under the lock of `lockUsers`, which every verb holds that gives somebody an address. */
async function isTaken(transaction: Transaction, { id, email }: EditUser): Promise<boolean> {
  const others = await transaction
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.emailFolded, foldEmail(email)), ne(users.id, id)));
  return others.length > 0;
}

/** What is to be said against the edit; null where nothing is. */
async function judge(
  transaction: Transaction,
  by: Administrator,
  before: UserSummary,
  after: EditUser,
): Promise<Refused | null> {
  if (before.version !== after.version) return describeConflict(transaction, before);
  const otherRights = before.role !== after.role || before.active !== after.active;
  if (before.id === by.userId && otherRights) return { ok: false, reason: 'own' };
  const stepsDown = isActiveAdministrator(before) && !isActiveAdministrator(after);
  if (stepsDown && !(await isAdministratorLeft(transaction, before.id))) return { ok: false, reason: 'last' };
  if (!after.name && before.name) return { ok: false, reason: 'nameless' };
  return (await isTaken(transaction, after)) ? { ok: false, reason: 'taken' } : null;
}

/**
 * What goes with another email address (not the same in other letters): no link that went to the one before works, and
 * its reader is told. Where somebody has never accepted, it was perhaps a stranger's, and there is nothing to tell; whose
 * single sign-on was forgotten has, and hears of it all the more.
 */
async function readdress(
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

/** Writes what differs, puts it on record, and does what goes with it. */
async function write(
  transaction: Transaction,
  queue: PgBoss,
  by: Administrator,
  { before, after }: { before: UserSummary; after: EditUser },
): Promise<string | null> {
  const { id, name, email, role, active } = after;
  const edited = before.name !== name || before.email !== email || before.role !== role;
  if (!edited && before.active === active) return null;
  await transaction
    .update(users)
    .set({
      ...{ name, email, emailFolded: foldEmail(email), role, active },
      ...{ version: before.version + 1, updatedAt: sql`now()`, updatedBy: by.userId },
    })
    .where(and(eq(users.id, id), eq(users.version, before.version)));
  if (edited) {
    const details = {
      before: { name: before.name, email: before.email, role: before.role },
      after: { name, email, role },
    };
    const { userId, address } = by;
    recordAuditEvent(transaction, 'user.edited', { userId, targetUserId: id, address, details });
  }
  if (before.active && !active) await deactivate(transaction, by, id);
  if (!before.active && active) reactivate(transaction, by, id);
  if (before.role !== role) {
    await endUserSessions(transaction, id, 'role_changed');
    await deletePendingSignIns(transaction, id);
  }
  return foldEmail(before.email) === foldEmail(email) ? null : readdress(transaction, queue, before);
}

async function save(
  transaction: Transaction,
  queue: PgBoss,
  by: Administrator,
  after: EditUser,
): Promise<UpdateUserResult> {
  const refused = await lockAdministrators(transaction, by);
  if (refused) return refused;
  const lockedUser = await lockUser(transaction, after.id);
  const before = lockedUser && (await readUser(transaction, after.id));
  if (!before) return { ok: false, reason: 'missing' };
  const against = await judge(transaction, by, before, after);
  if (against) return against;
  const formerTold = await write(transaction, queue, by, { before, after });
  const user = await readUser(transaction, after.id);
  return user ? { ok: true, user, formerTold } : { ok: false, reason: 'missing' };
}

/**
 * Saves a user's name, email address, role and whether they may sign in, where nobody has saved them since the editor
 * saw `version`. From the commit on, whose role is another one is signed out everywhere, and so is who may not sign in.
 */
export async function updateUser(
  database: Database,
  administrator: Administrator,
  input: EditUser,
): Promise<UpdateUserResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await queueFor(database.$client);
  return withTransaction(database, (transaction) => save(transaction, queue, administrator, input));
}
