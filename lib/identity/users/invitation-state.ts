import { type SQL, sql } from 'drizzle-orm';
import { hasAccepted } from './has-accepted.ts';
import type { InvitationState } from './schema.ts';

const newest = sql`
  select id, ended_at, expires_at from user_links
  where user_links.user_id = users.id and purpose = 'invitation'
  order by created_at desc, id desc limit 1`;

const emailOf = sql`
  select id, state from messages
  where messages.link_id = link.id
  order by messages.id limit 1`;

const isTold = (...kinds: string[]) => sql`exists (select 1 from delivery_reports
  where delivery_reports.message_id = email.id and delivery_reports.kind in ${kinds})`;

/** What this installation takes: passwords, and an OpenID provider. */
type Ways = { passwordSignIn: boolean; singleSignOn: object | null };

/**
 * How it stands with the invitation of somebody who cannot sign in, by the database's clock. Needs `users` in the
 * query. Where passwords are switched off there is no link to use: whoever was invited signs in at the provider, when
 * they like. Who has accepted once has another state than `over`, and is told of an invitation only where they were
 * invited again.
 */
export function invitationState({ passwordSignIn, singleSignOn }: Ways): SQL<InvitationState> {
  const accepted = singleSignOn ? 'unlinked' : 'no_way_in';
  const unlessAccepted = (state: InvitationState) =>
    sql`case when ${hasAccepted()} then ${accepted} else ${state} end`;
  const over = unlessAccepted('over');
  return sql<InvitationState>`coalesce((
    select case
        when link.ended_at is not null then ${over}
        when ${isTold('bounced', 'failed')} then 'returned'
        when email.state = 'failed' and not ${isTold('delivered')} then 'unsent'
        when ${passwordSignIn}::boolean and link.expires_at <= now() then ${over}
        else 'open'
      end
    from (${newest}) link left join lateral (${emailOf}) email on true
  ), ${unlessAccepted(passwordSignIn ? 'over' : 'open')})`;
}
