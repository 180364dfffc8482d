import { eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Queryable } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { matchesIssuer } from '#lib/identity/sso/identities.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { hasAcceptedInvitation, invitationState } from './invitation-state.ts';
import type { InvitationState, UserSummary } from './schema.ts';

/** Selects users with a linked account at the current OpenID provider. Needs `users` in the query. */
function hasIdentity(): SQL<boolean> {
  const { singleSignOn } = settings();
  if (!singleSignOn) return sql`false`;
  return sql`exists (select 1 from identities
    where identities.user_id = users.id and ${matchesIssuer(singleSignOn.issuer)})`;
}

/**
 * Selects users with an enabled sign-in method: a password, or a linked account at the current OpenID provider.
 * Needs `users` in the query.
 */
export function canSignIn(): SQL<boolean> {
  const byPassword = settings().passwordSignIn ? sql`users.password_hash is not null` : sql`false`;
  return sql<boolean>`(${byPassword} or ${hasIdentity()})`;
}

const columns = ({ singleSignOn } = settings()) => ({
  id: users.id,
  name: users.name,
  email: users.email,
  role: users.role,
  active: users.active,
  version: users.version,
  invited: sql<boolean>`not ${canSignIn()}`,
  accepted: hasAcceptedInvitation(),
  invitation: sql<InvitationState | null>`case when not ${canSignIn()} then ${invitationState(settings())} end`,
  secondFactor: sql<boolean>`(users.totp_confirmed_at is not null
    or exists (select 1 from passkeys where passkeys.user_id = users.id))`,
  provider: sql<string | null>`case when ${hasIdentity()} then ${singleSignOn?.name ?? ''}::text end`,
  roleByClaim: sql<boolean>`(${singleSignOn?.roles != null} and ${hasIdentity()})`,
  lastSeenAt: sql<Date | null>`(select max(sessions.last_seen_at) from sessions
    where sessions.user_id = users.id)`.mapWith(sessions.lastSeenAt),
});

/** Lists all users, including inactive and invited ones, by name, or by email address if they have none. */
export function listUsers(database: Database, _viewer: Viewer): Promise<UserSummary[]> {
  return database
    .select(columns())
    .from(users)
    .orderBy(sql`lower(coalesce(nullif(users.name, ''), users.email))`, users.id);
}

/** Reads one user with the columns of the list. */
export async function readUser(database: Queryable, id: string): Promise<UserSummary | undefined> {
  const [user] = await database.select(columns()).from(users).where(eq(users.id, id));
  return user;
}
