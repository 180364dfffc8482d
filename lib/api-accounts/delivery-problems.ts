import { sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import type { DeliveryFailure } from './schema.ts';

/** A problem with the delivery of a message. */
export type DeliveryProblem = {
  channel: 'email' | 'sms';
  what: 'queued' | 'failed' | 'refused' | 'bounced' | 'complained' | 'undelivered';
  reason: string | null;
  /** Number of attempts to which the provider did not respond, so that it may have accepted the message. */
  unanswered: number;
  /** Time of the next attempt, ISO 8601; null if that is within a minute. */
  nextAttemptAt: string | null;
};

type NoticeProblem = Omit<DeliveryProblem, 'channel'>;

/** The most serious negative report about a message that the provider accepted. */
const negativeReport = sql`
  select case ${deliveryReports.kind} when 'failed' then 'undelivered' else ${deliveryReports.kind} end as kind,
      ${deliveryReports.reason}
    from ${deliveryReports}
    where ${deliveryReports.messageId} = m.id and ${deliveryReports.kind} in ('bounced', 'complained', 'failed')
    order by ${deliveryReports.kind}, ${deliveryReports.at} limit 1`;

/** Whether the provider reported delivery. The report can arrive before the provider's response is recorded. */
const isDelivered = sql`exists (
  select 1 from ${deliveryReports} where ${deliveryReports.messageId} = m.id and ${deliveryReports.kind} = 'delivered')`;

const other = alias(messages, 'other');
/** Whether the SMS was blocked, but another SMS carries the current code. */
const isBlockedHarmlessly = sql`(${messages.state} = 'refused' and exists (
  select 1 from ${messages} ${sql.raw('other')} where ${other.revealId} = ${messages.revealId}
    and ${other.codeGeneration} = ${reveals.codeGeneration} and ${other.state} in ('queued', 'sent')))`;

/** Column for a query on reveals: the problem, if any, of the newest message of each channel of an open reveal. */
export const deliveryProblems = sql<DeliveryProblem[] | null>`(
  select json_agg(json_build_object('channel', m.channel, 'what', coalesce(report.kind, m.state),
      'reason', case when report.kind is null then m.failure else report.reason end,
      'unanswered', m.unanswered, 'nextAttemptAt', case when m.next_attempt_at > now() + interval '1 minute'
        then m.next_attempt_at end) order by m.channel)
  from (
    select distinct on (${messages.channel}) ${messages.id}, ${messages.channel}, ${messages.state},
      ${messages.failure}, ${messages.unanswered}, ${messages.nextAttemptAt}
    from ${messages}
    where ${messages.revealId} = ${reveals.id} and ${reveals.endedAt} is null and not ${isBlockedHarmlessly}
    order by ${messages.channel}, ${messages.createdAt} desc, ${messages.id} desc
  ) m left join lateral (${negativeReport}) report on true
  where report.kind is not null
    or (m.failure is not null and m.state in ('queued', 'failed', 'refused') and not ${isDelivered})
)`;

/** Column for a query on accounts: the problem, if any, of the notice of the newest contact change, for a week. */
export const noticeProblem = sql<NoticeProblem | null>`(
  select json_build_object('what', coalesce(report.kind, m.state),
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

function predicateOf({ what, unanswered }: NoticeProblem): string {
  switch (what) {
    case 'queued':
      return 'hasn’t been sent yet';
    case 'failed':
      return unanswered > 0 ? 'may not have arrived' : 'couldn’t be sent';
    case 'refused':
      return 'wasn’t sent';
    case 'bounced':
      return 'bounced';
    case 'complained':
      return 'was marked as spam';
    case 'undelivered':
      return 'wasn’t delivered';
  }
}

function formatProblem(subject: string, problem: NoticeProblem): DeliveryFailure {
  const { what, reason, nextAttemptAt } = problem;
  const sentences = [
    `${subject} ${predicateOf(problem)}.`,
    // A complaint's reason only repeats it.
    what !== 'complained' && reason,
    what === 'queued' && !nextAttemptAt && 'We’ll try again in a moment.',
  ];
  return {
    text: sentences.filter(Boolean).join(' '),
    nextAttemptAt: nextAttemptAt ? new Date(nextAttemptAt) : null,
  };
}

/** Describes a problem for an administrator. */
export function describeProblem(problem: DeliveryProblem): DeliveryFailure {
  return formatProblem(problem.channel === 'email' ? 'The email' : 'The text', problem);
}

/** Describes a problem with the notice of a contact change. */
export function describeNoticeProblem(problem: NoticeProblem): DeliveryFailure {
  return formatProblem('The email about the contact change', problem);
}
