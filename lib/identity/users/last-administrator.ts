import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import {
  type Administrator,
  authorizeAdministrator,
  type Refusal,
} from '#lib/platform/authorization/roles.ts';
import { hasEnabledSignInMethod } from './list.ts';

/** An arbitrary number that no other advisory lock uses. */
const LOCK_ID = 7_302_611_931;

/**
 * Locks changes of users by administrators, at the console and by single sign-on, so that they run one after the other.
 * The lock lasts until the transaction ends. Call it before locking any row.
 */
export async function lockUsers(transaction: Transaction): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${LOCK_ID}::bigint)`);
}

/**
 * Calls `lockUsers`, then checks again that the actor is an administrator: they may have lost the role or the session
 * while waiting. An administrator's change of a user calls it first, before locking any row.
 * @returns null if the actor is still an administrator; otherwise the refusal
 */
export async function lockUsersAsAdministrator(
  transaction: Transaction,
  administrator: Administrator,
): Promise<Refusal | null> {
  await lockUsers(transaction);
  const isSessionOpen = and(eq(sessions.id, administrator.sessionId), isNull(sessions.endedAt));
  const [current] = await transaction
    .select({ role: users.role })
    .from(users)
    .innerJoin(sessions, and(eq(sessions.userId, users.id), isSessionOpen))
    .where(and(eq(users.id, administrator.userId), eq(users.active, true)));
  const result = authorizeAdministrator(current ? { ...administrator, ...current } : null);
  return result.ok ? null : result;
}

/**
 * Returns whether there is another active Settings Administrator with a sign-in method. Invited ones do not count. If the
 * caller has called `lockUsers`, the result stays true until the transaction ends.
 */
export async function isAdministratorLeft(
  transaction: Transaction,
  excludedUserId: string,
): Promise<boolean> {
  const others = await transaction
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.role, 'settings_administrator'),
        eq(users.active, true),
        hasEnabledSignInMethod(),
        ne(users.id, excludedUserId),
      ),
    )
    .limit(1);
  return others.length > 0;
}
