import { eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Queryable } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { matchesIssuer } from '#lib/identity/sso/identities.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { hasAcceptedInvitation, selectInvitationId, selectInvitationState } from './invitation-state.ts';
import type { InvitationState, UserSummary } from './schema.ts';

/** Selects the linked account at the current OpenID provider, or null. The query must select from `users`. */
function selectIdentityId(): SQL<string | null> {
  const { singleSignOn } = settings();
  if (!singleSignOn) return sql`null::uuid`;
  return sql`(select identities.id from identities
    where identities.user_id = users.id and ${matchesIssuer(singleSignOn.issuer)} limit 1)`;
}

/** Matches users with a linked account at the current OpenID provider. The query must select from `users`. */
const hasIdentity = (): SQL<boolean> => sql`(${selectIdentityId()} is not null)`;

/**
 * Matches users with an enabled sign-in method: a password, or a linked account at the current OpenID provider.
 * The query must select from `users`.
 */
export function hasEnabledSignInMethod(): SQL<boolean> {
  const hasPassword = settings().isLocalAuthEnabled ? sql`users.password_hash is not null` : sql`false`;
  return sql<boolean>`(${hasPassword} or ${hasIdentity()})`;
}

const getSummaryColumns = ({ singleSignOn } = settings()) => ({
  id: users.id,
  name: users.name,
  email: users.email,
  role: users.role,
  active: users.active,
  version: users.version,
  hasSignInMethod: hasEnabledSignInMethod(),
  hasAcceptedInvitation: hasAcceptedInvitation(),
  invitation: sql<InvitationState | null>`case when not ${hasEnabledSignInMethod()} then ${selectInvitationState(settings())} end`,
  invitationId: selectInvitationId,
  hasSecondFactor: sql<boolean>`(users.totp_confirmed_at is not null
    or exists (select 1 from passkeys where passkeys.user_id = users.id))`,
  provider: sql<string | null>`case when ${hasIdentity()} then ${singleSignOn?.name ?? ''}::text end`,
  identityId: selectIdentityId(),
  isRoleFromClaim: sql<boolean>`(${singleSignOn?.roles != null} and ${hasIdentity()})`,
  lastSeenAt: sql<Date | null>`(select max(sessions.last_seen_at) from sessions
    where sessions.user_id = users.id)`.mapWith(sessions.lastSeenAt),
});

/** Lists all users, including inactive and invited ones. Sorts them by name, or by email address if they have no name. */
export function listUsers(database: Database, _viewer: Viewer): Promise<UserSummary[]> {
  return database
    .select(getSummaryColumns())
    .from(users)
    .orderBy(sql`lower(coalesce(nullif(users.name, ''), users.email))`, users.id);
}

/** Reads one user, with the same columns as `listUsers`. */
export async function readUser(database: Queryable, id: string): Promise<UserSummary | undefined> {
  const [user] = await database.select(getSummaryColumns()).from(users).where(eq(users.id, id));
  return user;
}
