import { sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';

/** A problem with the delivery of a message, as selected from the database. */
export type ProblemRow = {
  channel: 'email' | 'sms';
  /** The message's state, or what the provider reported about it. */
  status: 'queued' | 'failed' | 'refused' | 'bounced' | 'complained' | 'undelivered';
  reason: string | null;
  /** Number of attempts to which the provider did not respond. It may have accepted the message. */
  unanswered: number;
  /** Time of the next attempt, ISO 8601; null if that is within a minute, or if there is none. */
  nextAttemptAt: string | null;
};

export type NoticeProblemRow = Omit<ProblemRow, 'channel'>;

/**
 * Selects the most serious negative report about a message that the provider accepted. The alphabetical order of the
 * kinds is their order of severity.
 */
const negativeReport = sql`
  select case ${deliveryReports.kind} when 'failed' then 'undelivered' else ${deliveryReports.kind} end as kind,
      ${deliveryReports.reason}
    from ${deliveryReports}
    where ${deliveryReports.messageId} = m.id and ${deliveryReports.kind} in ('bounced', 'complained', 'failed')
    order by ${deliveryReports.kind}, ${deliveryReports.at} limit 1`;

/** Selects whether the provider reported delivery, which can happen before its response is recorded. */
const isDelivered = sql`exists (
  select 1 from ${deliveryReports} where ${deliveryReports.messageId} = m.id and ${deliveryReports.kind} = 'delivered')`;

const other = alias(messages, 'other');
/** Selects whether the SMS was blocked, but need not be reported, because another SMS has the current code. */
const isBlockedWithoutEffect = sql`(${messages.state} = 'refused' and exists (
  select 1 from ${messages} ${sql.raw('other')} where ${other.revealId} = ${messages.revealId}
    and ${other.codeGeneration} = ${reveals.codeGeneration} and ${other.state} in ('queued', 'sent')))`;

/**
 * Column for a query on reveals: problems with the newest message of each channel, unless the reveal has ended. Leaves out
 * SMS whose code was replaced by one that an administrator read out.
 */
export const problemRows = sql<ProblemRow[] | null>`(
  select json_agg(json_build_object('channel', m.channel, 'status', coalesce(report.kind, m.state),
      'reason', case when report.kind is null then m.failure else report.reason end,
      'unanswered', m.unanswered, 'nextAttemptAt', case when m.next_attempt_at > now() + interval '1 minute'
        then m.next_attempt_at end) order by m.channel)
  from (
    select distinct on (${messages.channel}) ${messages.id}, ${messages.channel}, ${messages.state},
      ${messages.failure}, ${messages.unanswered}, ${messages.nextAttemptAt}
    from ${messages}
    where ${messages.revealId} = ${reveals.id} and ${reveals.endedAt} is null and not ${isBlockedWithoutEffect}
      and coalesce(${messages.codeGeneration} > ${reveals.readOutGeneration}, true)
    order by ${messages.channel}, ${messages.createdAt} desc, ${messages.id} desc
  ) m left join lateral (${negativeReport}) report on true
  where report.kind is not null
    or (m.failure is not null and m.state in ('queued', 'failed', 'refused') and not ${isDelivered})
)`;

/**
 * Column for a query on accounts: the problem with the newest notice of a contact change, for a week after the change.
 */
export const noticeProblemRow = sql<NoticeProblemRow | null>`(
  select json_build_object('status', coalesce(report.kind, m.state),
      'reason', case when report.kind is null then m.failure else report.reason end,
      'unanswered', m.unanswered, 'nextAttemptAt', null)
  from (
    select ${messages.id}, ${messages.state}, ${messages.failure}, ${messages.unanswered}
    from ${messages} join ${contactChanges} on ${contactChanges.id} = ${messages.changeId}
    where ${contactChanges.accountId} = ${apiAccounts.id} and ${messages.kind} = 'change_notice'
      and ${contactChanges.at} > now() - interval '7 days'
    order by ${contactChanges.at} desc limit 1
  ) m left join lateral (${negativeReport}) report on true
  where report.kind is not null or (m.state = 'failed' and not ${isDelivered})
)`;
