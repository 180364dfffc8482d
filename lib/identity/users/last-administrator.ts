import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import {
  type Administrator,
  authorizeAdministrator,
  type Refusal,
} from '#lib/platform/authorization/roles.ts';
import { canSignIn } from './list.ts';

/** Any number, as long as no other lock has it. */
const LOCK = 7_302_611_931;

/** Lets only one act on users go on at a time, until its transaction ends. It is taken before any row is held. */
export async function lockUsers(transaction: Transaction): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${LOCK}::bigint)`);
}

/**
 * Lets only one act on users go on at a time, until its transaction ends, and then reads again whether its
 * administrator still is one: whose role was taken away, or whose session was ended, while they waited gets no further.
 * Every act that changes who may do what begins with it, before it holds any row.
 * @returns null where they may; otherwise why not
 */
export async function lockAdministrators(
  transaction: Transaction,
  administrator: Administrator,
): Promise<Refusal | null> {
  await lockUsers(transaction);
  const alive = and(eq(sessions.id, administrator.sessionId), isNull(sessions.endedAt));
  const [now] = await transaction
    .select({ role: users.role })
    .from(users)
    .innerJoin(sessions, and(eq(sessions.userId, users.id), alive))
    .where(and(eq(users.id, administrator.userId), eq(users.active, true)));
  const judged = authorizeAdministrator(now ? { ...administrator, ...now } : null);
  return judged.ok ? null : judged;
}

/**
 * Whether a Settings Administrator is left who can sign in, without this person: an invitation that nobody has accepted
 * does not count. It stays so until the transaction ends, for whoever called `lockUsers`.
 */
export async function isAdministratorLeft(transaction: Transaction, without: string): Promise<boolean> {
  const others = await transaction
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.role, 'settings_administrator'),
        eq(users.active, true),
        canSignIn(),
        ne(users.id, without),
      ),
    )
    .limit(1);
  return others.length > 0;
}
