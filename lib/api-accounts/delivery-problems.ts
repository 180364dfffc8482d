import { sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';

/** What is the matter with a message. */
export type DeliveryProblem = {
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

/** A provider may tell that a message arrived before we know that it took it. */
const arrived = sql`exists (
  select 1 from ${deliveryReports} where ${deliveryReports.messageId} = m.id and ${deliveryReports.kind} = 'delivered')`;

const other = alias(messages, 'other');
/** A refused text that left the present code as good as it was: another text has it. */
const leftTheCodeGood = sql`(${messages.state} = 'refused' and exists (
  select 1 from ${messages} ${sql.raw('other')} where ${other.revealId} = ${messages.revealId}
    and ${other.codeGeneration} = ${reveals.codeGeneration} and ${other.state} in ('queued', 'sent')))`;

/** The newest message of each channel of the present reveal, where it has not gone out or arrived as it should. */
export const troubles = sql<DeliveryProblem[] | null>`(
  select json_agg(json_build_object('channel', m.channel, 'what', coalesce(report.kind, m.state),
      'reason', case when report.kind is null then m.failure else report.reason end,
      'unanswered', m.unanswered, 'again', case when m.next_attempt_at > now() + interval '1 minute'
        then to_char(m.next_attempt_at at time zone 'UTC', 'HH24:MI') end) order by m.channel)
  from (
    select distinct on (${messages.channel}) ${messages.id}, ${messages.channel}, ${messages.state},
      ${messages.failure}, ${messages.unanswered}, ${messages.nextAttemptAt}
    from ${messages}
    where ${messages.revealId} = ${reveals.id} and ${reveals.endedAt} is null and not ${leftTheCodeGood}
    order by ${messages.channel}, ${messages.createdAt} desc, ${messages.id} desc
  ) m left join lateral (${badReport}) report on true
  where report.kind is not null
    or (m.failure is not null and m.state in ('queued', 'failed', 'refused') and not ${arrived})
)`;

/** The notice of the account's newest change of address, where it did not go out or came back; for a week. */
export const findNoticeProblem = sql<Omit<DeliveryProblem, 'channel'> | null>`(
  select json_build_object('what', coalesce(report.kind, m.state),
      'reason', case when report.kind is null then m.failure else report.reason end,
      'unanswered', m.unanswered, 'again', null)
  from (
    select ${messages.id}, ${messages.state}, ${messages.failure}, ${messages.unanswered}
    from ${messages} join ${contactChanges} on ${contactChanges.id} = ${messages.changeId}
    where ${contactChanges.accountId} = ${apiAccounts.id} and ${messages.kind} = 'change_notice'
      and ${contactChanges.at} > now() - interval '7 days'
    order by ${contactChanges.at} desc limit 1
  ) m left join lateral (${badReport}) report on true
  where report.kind is not null or (m.state = 'failed' and not ${arrived})
)`;

function whatHappened({ what, unanswered, again }: Omit<DeliveryProblem, 'channel'>): string {
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

function sentence(subject: string, trouble: Omit<DeliveryProblem, 'channel'>): string {
  const words = `${subject} ${whatHappened(trouble)}`;
  return trouble.reason ? `${words}: ${trouble.reason}` : `${words}.`;
}

/** A sentence for an administrator. */
export function describeProblem(trouble: DeliveryProblem): string {
  return sentence(trouble.channel === 'email' ? 'The email' : 'The text', trouble);
}

/** The same of a notice. */
export function describeNoticeProblem(trouble: Omit<DeliveryProblem, 'channel'>): string {
  return sentence('The notice to the email address before', trouble);
}
