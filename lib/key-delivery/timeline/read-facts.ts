import { and, asc, desc, eq, gte, inArray, type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { linkOpenings } from '#db/schema/link-openings.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { users } from '#db/schema/users.ts';
import type { AuditFact, MessageFact, OpeningFact, ReportFact } from './facts.ts';

const ACTIONS = ['reveal.started', 'reveal.wrong_code', 'reveal.new_code', 'reveal.sent_again'] as const;

const isCurrent = sql<boolean>`${reveals.id} is not distinct from ${apiAccounts.revealId}`;

/** Reads an account's reveals: the current one, then the earlier ones, newest first. */
export function readReveals(database: Queryable, accountId: string, limit: number) {
  return database
    .select({
      id: reveals.id,
      email: reveals.email,
      phone: reveals.phone,
      createdAt: reveals.createdAt,
      expiresAt: reveals.expiresAt,
      linkAttempts: reveals.linkAttempts,
      endedAt: reveals.endedAt,
      endReason: reveals.endReason,
      emailQueuedAt: reveals.emailQueuedAt,
      codeIssuedAt: reveals.codeIssuedAt,
      emailsResent: reveals.emailsResent,
      smsResent: reveals.smsResent,
      isCurrent,
    })
    .from(reveals)
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(eq(reveals.accountId, accountId))
    .orderBy(desc(isCurrent), desc(reveals.createdAt), desc(reveals.id))
    .limit(limit);
}

/** Reads the messages, at most 17 per reveal: an email and an SMS, five resends of each, five requested codes. */
export async function readMessages(database: Queryable, revealIds: string[]): Promise<MessageFact[]> {
  const rows = await database
    .select({
      id: messages.id,
      revealId: messages.revealId,
      channel: messages.channel,
      state: messages.state,
      attempts: messages.attempts,
      unanswered: messages.unanswered,
      nextAttemptAt: messages.nextAttemptAt,
      provider: messages.provider,
      failure: messages.failure,
      createdAt: messages.createdAt,
      endedAt: messages.endedAt,
    })
    .from(messages)
    .where(inArray(messages.revealId, revealIds))
    .orderBy(asc(messages.id));
  return rows.flatMap(({ revealId, ...row }) => (revealId ? [{ ...row, revealId }] : []));
}

/** Reads the first report of each kind for each message. */
export function readReports(database: Queryable, revealIds: string[]): Promise<ReportFact[]> {
  return database
    .selectDistinctOn([deliveryReports.messageId, deliveryReports.kind], {
      messageId: deliveryReports.messageId,
      kind: deliveryReports.kind,
      at: deliveryReports.at,
      reason: deliveryReports.reason,
    })
    .from(deliveryReports)
    .innerJoin(messages, eq(messages.id, deliveryReports.messageId))
    .where(inArray(messages.revealId, revealIds))
    .orderBy(deliveryReports.messageId, deliveryReports.kind, deliveryReports.at, deliveryReports.reason);
}

export function readOpenings(database: Queryable, revealIds: string[]): Promise<OpeningFact[]> {
  return database
    .select({
      id: linkOpenings.id,
      revealId: linkOpenings.revealId,
      at: linkOpenings.at,
      touched: sql<boolean>`${linkOpenings.touchedAt} is not null`,
    })
    .from(linkOpenings)
    .where(inArray(linkOpenings.revealId, revealIds));
}

const revealIdOf = sql<string>`${auditEvents.details}->>'revealId'`;

/** The action whose transaction started the reveal. Both audit events have the transaction's timestamp. */
const because = sql<AuditFact['because']>`(
  select cause.action from ${auditEvents} cause
  where ${auditEvents.action} = 'reveal.started' and cause.account_id = ${auditEvents.accountId}
    and cause.at = ${auditEvents.at}
    and cause.action in ('api_account.created', 'api_key.reset', 'api_account.edited')
  limit 1
)`;

/** Reads the audit events of these reveals. `since`: when the oldest of them started. */
export function readAuditEvents(
  database: Queryable,
  accountId: string,
  revealIds: string[],
  since: SQL,
): Promise<AuditFact[]> {
  return database
    .select({
      id: auditEvents.id,
      revealId: revealIdOf,
      at: auditEvents.at,
      action: sql<AuditFact['action']>`${auditEvents.action}`,
      by: users.name,
      because,
      what: sql<string | null>`${auditEvents.details}->>'what'`,
    })
    .from(auditEvents)
    .leftJoin(users, eq(users.id, auditEvents.userId))
    .where(
      and(
        eq(auditEvents.accountId, accountId),
        gte(auditEvents.at, since),
        inArray(auditEvents.action, [...ACTIONS]),
        inArray(revealIdOf, revealIds),
      ),
    );
}
