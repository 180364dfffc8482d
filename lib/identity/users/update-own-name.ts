import { eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockActor } from '#lib/identity/mfa/lock-actor.ts';
import { type CurrentUser, type Refusal, SIGNED_OUT } from '#lib/platform/authorization/roles.ts';

/**
 * Changes the name of the user who makes the request. Increases the version, so that an administrator who has the user's
 * editor open does not overwrite the new name unseen.
 */
export async function updateOwnName(
  database: Database,
  user: CurrentUser,
  { name }: { name: string },
): Promise<{ ok: true } | Refusal> {
  const { userId, ipAddress } = user;
  return withTransaction(database, async (transaction) => {
    if (!(await lockActor(transaction, user))) return SIGNED_OUT;
    const [before] = await transaction.select({ name: users.name }).from(users).where(eq(users.id, userId));
    if (before?.name === name) return { ok: true };
    await transaction
      .update(users)
      .set({ name, version: sql`${users.version} + 1`, updatedAt: sql`now()`, updatedBy: userId })
      .where(eq(users.id, userId));
    recordAuditEvent(transaction, 'user.edited', {
      userId,
      targetUserId: userId,
      ipAddress,
      details: { before: { name: before?.name }, after: { name } },
    });
    return { ok: true };
  });
}
