import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { formatBrowser } from './format-browser.ts';
import type { SessionView } from './schema.ts';
import type { Method } from './start-session.ts';
import { aliveSessions } from './touch-session.ts';

const METHODS: Record<Method, string> = {
  password: 'Password',
  password_totp: 'Password and authenticator app',
  password_passkey: 'Password and passkey',
  password_recovery: 'Password and recovery code',
  passkey: 'Passkey',
  oidc: 'Single sign-on',
};

/** Where a person is signed in: their sessions that are alive, this one first, then the one seen last. */
export async function listSessions(
  database: Database,
  { userId, sessionId }: Pick<CurrentUser, 'userId' | 'sessionId'>,
): Promise<SessionView[]> {
  const alive = await database
    .select({
      id: sessions.id,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
      address: sessions.address,
      userAgent: sessions.userAgent,
      method: sessions.method,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.userId, userId), aliveSessions()))
    .orderBy(desc(eq(sessions.id, sessionId)), desc(sessions.lastSeenAt), desc(sessions.id));
  return alive.map(({ userAgent, method, ...known }) => ({
    ...known,
    browser: formatBrowser(userAgent),
    method: METHODS[method],
    current: known.id === sessionId,
  }));
}
