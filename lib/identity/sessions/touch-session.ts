import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';

const hasPasskey = sql`exists (select 1 from ${passkeys} where ${passkeys.userId} = ${users.id})`;

/** How long an authentication counts as recent, as a PostgreSQL interval. */
export const RECENT_AUTH_INTERVAL = '15 minutes';

/** Names every column, so that the password hash is never among them. */
const currentUserColumns = {
  userId: users.id,
  sessionId: sessions.id,
  name: users.name,
  email: users.email,
  role: users.role,
  hasRecentAuth: sql<boolean>`${sessions.authenticatedAt} > now() - ${RECENT_AUTH_INTERVAL}::interval`,
  method: sessions.method,
  hasFactor: sql<boolean>`${users.totpConfirmedAt} is not null or ${hasPasskey}`,
};

type CurrentUserRow = Omit<CurrentUser, 'ipAddress' | 'isMfaSetupRequired'> & {
  method: typeof sessions.$inferSelect.method;
  hasFactor: boolean;
};

function toCurrentUser({ hasFactor, method, ...columns }: CurrentUserRow, ipAddress: string): CurrentUser {
  // With single sign-on, the provider is responsible for the second factor.
  const isMfaSetupRequired = settings().isSecondFactorRequired && !hasFactor && method !== 'oidc';
  return { ...columns, ipAddress, isMfaSetupRequired };
}

/**
 * Matches sessions that have not ended, were seen in the last 30 minutes, are under 12 hours old, and whose user is
 * active. If local authentication is disabled, matches only single sign-on sessions. The query must join `users`.
 */
export function matchesActiveSessions() {
  return and(
    isNull(sessions.endedAt),
    sql`${sessions.lastSeenAt} > now() - interval '30 minutes'`,
    sql`${sessions.createdAt} > now() - interval '12 hours'`,
    eq(users.active, true),
    settings().isLocalAuthEnabled ? undefined : eq(sessions.method, 'oidc'),
  );
}

/** Matches this session if it is active. The query must join `users`. */
export function matchesActiveSession(sessionId: string) {
  return and(eq(sessions.id, sessionId), matchesActiveSessions());
}

/** Returns the user of an active session and marks it as seen, in one statement and by the database's clock. */
export async function touchSession(
  database: Database,
  sessionId: string,
  ipAddress: string,
): Promise<CurrentUser | null> {
  const [row] = await database
    .update(sessions)
    .set({ lastSeenAt: sql`now()` })
    .from(users)
    .where(and(eq(users.id, sessions.userId), matchesActiveSession(sessionId)))
    .returning(currentUserColumns);
  return row ? toCurrentUser(row, ipAddress) : null;
}

/**
 * Returns the user of an active session without marking it as seen.
 * For polling: an open page must not keep an idle session active.
 */
export async function readSession(
  database: Database,
  sessionId: string,
  ipAddress: string,
): Promise<CurrentUser | null> {
  const [row] = await database
    .select(currentUserColumns)
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(matchesActiveSession(sessionId));
  return row ? toCurrentUser(row, ipAddress) : null;
}
