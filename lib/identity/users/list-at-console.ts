import { eq, isNotNull, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { Role } from '#lib/platform/authorization/roles.ts';

/**
 * Matches users with a password or a linked account, even if the settings do not enable them: the command line may run
 * without those settings.
 */
const hasPasswordOrIdentity = sql<boolean>`(users.password_hash is not null
  or exists (select 1 from identities where identities.user_id = users.id))`;

export type ListedUser = {
  email: string;
  name: string;
  role: Role | null;
  active: boolean;
  /** Whether the user has a password or a linked account at an OpenID provider. */
  hasSignInMethod: boolean;
  passkeyCount: number;
  hasTotp: boolean;
  /** Null if the user has never signed in. */
  lastSeenAt: Date | null;
};

/** Lists all users by email address, without secrets. For the command line. */
export async function listUsersAtConsole(database: Queryable): Promise<ListedUser[]> {
  const passkeyCounts = database
    .select({ userId: passkeys.userId, count: sql<number>`count(*)::int`.as('passkey_count') })
    .from(passkeys)
    .groupBy(passkeys.userId)
    .as('passkey_counts');
  const lastSeen = database
    .select({ userId: sessions.userId, at: sql`max(${sessions.lastSeenAt})`.as('last_seen_at') })
    .from(sessions)
    .groupBy(sessions.userId)
    .as('last_seen');
  return database
    .select({
      email: users.email,
      name: users.name,
      role: users.role,
      active: users.active,
      hasSignInMethod: hasPasswordOrIdentity,
      passkeyCount: sql<number>`coalesce(${passkeyCounts.count}, 0)`,
      hasTotp: sql<boolean>`${isNotNull(users.totpConfirmedAt)}`,
      lastSeenAt: sql<Date | null>`${lastSeen.at}`.mapWith(sessions.lastSeenAt),
    })
    .from(users)
    .leftJoin(passkeyCounts, eq(passkeyCounts.userId, users.id))
    .leftJoin(lastSeen, eq(lastSeen.userId, users.id))
    .orderBy(users.emailFolded);
}
