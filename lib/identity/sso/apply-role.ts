import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import { isAdministratorLeft } from '#lib/identity/users/last-administrator.ts';
import type { Role } from '#lib/platform/authorization/roles.ts';

/**
 * Sets a user's role from a claim; null takes the role away. A changed role ends all sessions, as it does if an
 * administrator changes it. The last Settings Administrator keeps the role, whatever the claim says. The caller has
 * called `lockUsers`, so that the last two administrators cannot lose the role at the same time, and has locked the
 * user's row.
 * @returns whether the role has changed
 */
export async function applyRole(
  transaction: Transaction,
  userId: string,
  { role, ipAddress }: { role: Role | null; ipAddress: string },
): Promise<boolean> {
  const [user] = await transaction.select({ role: users.role }).from(users).where(eq(users.id, userId));
  const before = user?.role ?? null;
  if (before === role) return false;
  const event = {
    userId: null,
    targetUserId: userId,
    ipAddress,
    details: { before: { role: before }, after: { role } },
  };
  if (before === 'settings_administrator' && !(await isAdministratorLeft(transaction, userId))) {
    recordAuditEvent(transaction, 'user.role_claimed', { ...event, outcome: 'refused' });
    return false;
  }
  await transaction
    .update(users)
    .set({ role, version: sql`${users.version} + 1`, updatedAt: sql`now()`, updatedBy: null })
    .where(eq(users.id, userId));
  await endUserSessions(transaction, userId, 'role_changed');
  await deletePendingSignIns(transaction, userId);
  recordAuditEvent(transaction, 'user.role_claimed', event);
  return true;
}
