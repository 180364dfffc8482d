import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';

const hasPasskey = sql`exists (select 1 from ${passkeys} where ${passkeys.userId} = ${users.id})`;

/** How long a proof lasts for what asks for a fresh one. */
export const RECENT_AUTH_LASTS = '15 minutes';

/** What is told of a person, by name: no hash rides along. */
export const currentUserColumns = {
  userId: users.id,
  sessionId: sessions.id,
  name: users.name,
  email: users.email,
  role: users.role,
  hasRecentAuth: sql<boolean>`${sessions.authenticatedAt} > now() - ${RECENT_AUTH_LASTS}::interval`,
  method: sessions.method,
  hasFactor: sql<boolean>`${users.totpConfirmedAt} is not null or ${hasPasskey}`,
};

type PersonRow = Omit<CurrentUser, 'address' | 'mfaSetupRequired'> & {
  method: typeof sessions.$inferSelect.method;
  hasFactor: boolean;
};

/** Whoever was read, as the rest of the program knows them. */
export function toCurrentUser({ hasFactor, method, ...known }: PersonRow, address: string): CurrentUser {
  // Who signs in by single sign-on has their second factor at that provider.
  const mfaSetupRequired = settings().requireSecondFactor && !hasFactor && method !== 'oidc';
  return { ...known, address, mfaSetupRequired };
}

/**
 * Not ended, seen within 30 minutes, begun within 12 hours, and of someone who may still sign in. Where single sign-on
 * is the only way in, a session that began otherwise is over.
 */
export function aliveSessions() {
  return and(
    isNull(sessions.endedAt),
    sql`${sessions.lastSeenAt} > now() - interval '30 minutes'`,
    sql`${sessions.createdAt} > now() - interval '12 hours'`,
    eq(users.active, true),
    settings().passwordSignIn ? undefined : eq(sessions.method, 'oidc'),
  );
}

/** This session, as long as it is alive. */
export function aliveSession(sessionId: string) {
  return and(eq(sessions.id, sessionId), aliveSessions());
}

/**
 * Whose session this is, if it is alive. In the same statement it counts as seen now. All times are the database's.
 */
export async function touchSession(
  database: Database,
  sessionId: string,
  address: string,
): Promise<CurrentUser | null> {
  const [person] = await database
    .update(sessions)
    .set({ lastSeenAt: sql`now()` })
    .from(users)
    .where(and(eq(users.id, sessions.userId), aliveSession(sessionId)))
    .returning(currentUserColumns);
  return person ? toCurrentUser(person, address) : null;
}
