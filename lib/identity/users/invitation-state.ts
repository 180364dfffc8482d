import { type SQL, sql } from 'drizzle-orm';
import type { InvitationState } from './schema.ts';

/**
 * Matches users who have a password or have ever had a session, also if they were not invited. Passwords and sessions are
 * never deleted, so users who lose all sign-in methods still match. The query must select from `users`.
 */
export function hasAcceptedInvitation(): SQL<boolean> {
  return sql<boolean>`(users.password_hash is not null
    or exists (select 1 from sessions where sessions.user_id = users.id))`;
}

const latestInvitation = sql`
  select id, ended_at, expires_at from user_links
  where user_links.user_id = users.id and purpose = 'invitation'
  order by created_at desc, id desc limit 1`;

/** Selects the id of a user's latest invitation, or null. The query must select from `users`. */
export const selectInvitationId = sql<string | null>`(select link.id from (${latestInvitation}) link)`;

const invitationEmail = sql`
  select id, state from messages
  where messages.link_id = link.id
  order by messages.id limit 1`;

const hasDeliveryReport = (...kinds: string[]) => sql`exists (select 1 from delivery_reports
  where delivery_reports.message_id = email.id and delivery_reports.kind in ${kinds})`;

/** The settings for sign-in methods. */
type SignInSettings = { isLocalAuthEnabled: boolean; singleSignOn: object | null };

/**
 * Selects the state of the invitation of a user without a sign-in method, by the database's clock. The query must select
 * from `users`. If local authentication is disabled, an invitation does not expire: its email links to the sign-in page.
 * A user who accepted an earlier invitation is never `expired`, but `unlinked` or `no_sign_in_method`.
 */
export function selectInvitationState({
  isLocalAuthEnabled,
  singleSignOn,
}: SignInSettings): SQL<InvitationState> {
  const unlinkedState = singleSignOn ? 'unlinked' : 'no_sign_in_method';
  const unlessAccepted = (state: InvitationState) =>
    sql`case when ${hasAcceptedInvitation()} then ${unlinkedState} else ${state} end`;
  const expired = unlessAccepted('expired');
  return sql<InvitationState>`coalesce((
    select case
        when link.ended_at is not null then ${expired}
        when ${hasDeliveryReport('bounced', 'failed')} then 'bounced'
        when email.state = 'failed' and not ${hasDeliveryReport('delivered')} then 'unsent'
        when ${isLocalAuthEnabled}::boolean and link.expires_at <= now() then ${expired}
        else 'open'
      end
    from (${latestInvitation}) link left join lateral (${invitationEmail}) email on true
  ), ${unlessAccepted(isLocalAuthEnabled ? 'expired' : 'open')})`;
}
