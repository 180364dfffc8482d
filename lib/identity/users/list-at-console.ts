import { eq, isNotNull, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { Role } from '#lib/platform/authorization/roles.ts';

/** A password or an account at a provider, taken at present or not: the console may be run without those settings. */
const hasWaySql = sql<boolean>`(users.password_hash is not null
  or exists (select 1 from identities where identities.user_id = users.id))`;

export type ListedUser = {
  email: string;
  name: string;
  role: Role | null;
  active: boolean;
  /** They have nothing to sign in with yet. */
  invited: boolean;
  passkeyCount: number;
  hasTotp: boolean;
  /** Null: they never signed in. */
  lastSeenAt: Date | null;
};

/** Everybody who has a row, by email address, without anything secret. */
export async function listAtConsole(database: Queryable): Promise<ListedUser[]> {
  const ofUser = database
    .select({ userId: passkeys.userId, count: sql<number>`count(*)::int`.as('passkey_count') })
    .from(passkeys)
    .groupBy(passkeys.userId)
    .as('of_user');
  const seen = database
    .select({ userId: sessions.userId, at: sql`max(${sessions.lastSeenAt})`.as('seen_at') })
    .from(sessions)
    .groupBy(sessions.userId)
    .as('seen');
  return database
    .select({
      email: users.email,
      name: users.name,
      role: users.role,
      active: users.active,
      invited: sql<boolean>`not ${hasWaySql}`,
      passkeyCount: sql<number>`coalesce(${ofUser.count}, 0)`,
      hasTotp: sql<boolean>`${isNotNull(users.totpConfirmedAt)}`,
      lastSeenAt: sql<Date | null>`${seen.at}`.mapWith(sessions.lastSeenAt),
    })
    .from(users)
    .leftJoin(ofUser, eq(ofUser.userId, users.id))
    .leftJoin(seen, eq(seen.userId, users.id))
    .orderBy(users.emailFolded);
}
