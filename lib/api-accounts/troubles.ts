import { sql } from 'drizzle-orm';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';

/** What is the matter with a message. */
export type Trouble = {
  channel: 'email' | 'sms';
  what: 'queued' | 'failed' | 'refused' | 'bounced' | 'complained' | 'undelivered';
  reason: string | null;
  /** How often nobody knows whether the provider took it. */
  unanswered: number;
  /** When it is tried again, as `14:05`, in UTC; null where that is within a minute. */
  again: string | null;
};

/** What a provider told of a message that was accepted and did not arrive, the worst of it. */
const badReport = sql`
  select case ${deliveryReports.kind} when 'failed' then 'undelivered' else ${deliveryReports.kind} end as kind,
      ${deliveryReports.reason}
    from ${deliveryReports}
    where ${deliveryReports.messageId} = m.id and ${deliveryReports.kind} in ('bounced', 'complained', 'failed')
    order by ${deliveryReports.kind}, ${deliveryReports.at} limit 1`;

/** The newest message of each channel of the present reveal, where it has not gone out or arrived as it should. */
export const troubles = sql<Trouble[] | null>`(
  select json_agg(json_build_object('channel', m.channel, 'what', coalesce(report.kind, m.state),
      'reason', case when report.kind is null then m.failure else report.reason end,
      'unanswered', m.unanswered, 'again', case when m.next_attempt_at > now() + interval '1 minute'
        then to_char(m.next_attempt_at at time zone 'UTC', 'HH24:MI') end) order by m.channel)
  from (
    select distinct on (${messages.channel}) ${messages.id}, ${messages.channel}, ${messages.state},
      ${messages.failure}, ${messages.unanswered}, ${messages.nextAttemptAt}
    from ${messages}
    where ${messages.revealId} = ${reveals.id} and ${reveals.endedAt} is null
    order by ${messages.channel}, ${messages.id} desc
  ) m left join lateral (${badReport}) report on true
  where report.kind is not null or (m.failure is not null and m.state in ('queued', 'failed', 'refused'))
)`;

function whatHappened({ what, unanswered, again }: Trouble): string {
  switch (what) {
    case 'queued':
      return `has not gone out yet, and ${again ? `is tried again at ${again} UTC` : 'is being tried again'}`;
    case 'failed':
      return unanswered > 0 ? 'may not have arrived' : 'could not be sent';
    case 'refused':
      return 'was not sent';
    case 'bounced':
      return 'came back';
    case 'complained':
      return 'was marked as spam';
    case 'undelivered':
      return 'was not delivered';
  }
}

/** A sentence for an administrator. */
export function describeTrouble(trouble: Trouble): string {
  const words = `${trouble.channel === 'email' ? 'The email' : 'The text'} ${whatHappened(trouble)}`;
  return trouble.reason ? `${words}: ${trouble.reason}` : `${words}.`;
}
