import { type SQL, sql } from 'drizzle-orm';
import type { InvitationState } from './schema.ts';

/**
 * Selects users who have accepted: they have a password or once had a session, with or without an invitation. Neither is
 * ever deleted, so it stays true if they lose all sign-in methods. Needs `users` in the query.
 */
export function hasAcceptedInvitation(): SQL<boolean> {
  return sql<boolean>`(users.password_hash is not null
    or exists (select 1 from sessions where sessions.user_id = users.id))`;
}

const latestInvitation = sql`
  select id, ended_at, expires_at from user_links
  where user_links.user_id = users.id and purpose = 'invitation'
  order by created_at desc, id desc limit 1`;

const invitationEmail = sql`
  select id, state from messages
  where messages.link_id = link.id
  order by messages.id limit 1`;

const hasDeliveryReport = (...kinds: string[]) => sql`exists (select 1 from delivery_reports
  where delivery_reports.message_id = email.id and delivery_reports.kind in ${kinds})`;

/** The sign-in methods of this installation. */
type SignInSettings = { passwordSignIn: boolean; singleSignOn: object | null };

/**
 * Returns the state of the invitation of a user who cannot sign in, by the database's clock. Needs `users` in the query.
 * If local authentication is disabled, an invitation has no link and does not expire: the user signs in at the provider.
 * A user who accepted earlier is never `expired`, and has an invitation only if they were invited again.
 */
export function invitationState({ passwordSignIn, singleSignOn }: SignInSettings): SQL<InvitationState> {
  const unlinkedState = singleSignOn ? 'unlinked' : 'no_sign_in_method';
  const unlessUserAccepted = (state: InvitationState) =>
    sql`case when ${hasAcceptedInvitation()} then ${unlinkedState} else ${state} end`;
  const expired = unlessUserAccepted('expired');
  return sql<InvitationState>`coalesce((
    select case
        when link.ended_at is not null then ${expired}
        when ${hasDeliveryReport('bounced', 'failed')} then 'bounced'
        when email.state = 'failed' and not ${hasDeliveryReport('delivered')} then 'unsent'
        when ${passwordSignIn}::boolean and link.expires_at <= now() then ${expired}
        else 'open'
      end
    from (${latestInvitation}) link left join lateral (${invitationEmail}) email on true
  ), ${unlessUserAccepted(passwordSignIn ? 'expired' : 'open')})`;
}
