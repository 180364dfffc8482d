import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { formatBrowser } from './format-browser.ts';
import type { SessionView } from './schema.ts';
import type { SignInMethod } from './start-session.ts';
import { matchesActiveSessions } from './touch-session.ts';

/** The page shows each after "Signed in … with". */
const METHOD_LABELS: Record<SignInMethod, string> = {
  password: 'a password',
  password_totp: 'a password and an authenticator app',
  password_passkey: 'a password and a passkey',
  password_recovery: 'a password and a recovery code',
  passkey: 'a passkey',
  oidc: 'single sign-on',
};

/** Lists a user's active sessions: the current one first, then the most recently seen. */
export async function listSessions(
  database: Database,
  { userId, sessionId }: Pick<CurrentUser, 'userId' | 'sessionId'>,
): Promise<SessionView[]> {
  const rows = await database
    .select({
      id: sessions.id,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
      ipAddress: sessions.ipAddress,
      userAgent: sessions.userAgent,
      method: sessions.method,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.userId, userId), matchesActiveSessions()))
    .orderBy(desc(eq(sessions.id, sessionId)), desc(sessions.lastSeenAt), desc(sessions.id));
  return rows.map(({ userAgent, method, ...session }) => ({
    ...session,
    browser: formatBrowser(userAgent),
    methodLabel: METHOD_LABELS[method],
    isCurrent: session.id === sessionId,
  }));
}
