import { and, asc, desc, eq, gte, inArray, type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { linkOpenings } from '#db/schema/link-openings.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { selectActorName } from '#lib/identity/users/actor-name.ts';
import type { AuditEventRow, MessageRow, OpeningRow, ReportRow } from './rows.ts';

const ACTIONS = [
  'reveal.started',
  'reveal.wrong_code',
  'reveal.new_code',
  'reveal.sent_again',
  'reveal.code_read_out',
] as const;

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
      codeGeneration: reveals.codeGeneration,
      readOutGeneration: reveals.readOutGeneration,
      isCurrent,
    })
    .from(reveals)
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(eq(reveals.accountId, accountId))
    .orderBy(desc(isCurrent), desc(reveals.createdAt), desc(reveals.id))
    .limit(limit);
}

/** Reads the messages of the reveals. The limits on resends and new codes bound their number. */
export async function readMessages(database: Queryable, revealIds: string[]): Promise<MessageRow[]> {
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
      codeGeneration: messages.codeGeneration,
      createdAt: messages.createdAt,
      endedAt: messages.endedAt,
    })
    .from(messages)
    .where(inArray(messages.revealId, revealIds))
    .orderBy(asc(messages.id));
  return rows.flatMap(({ revealId, ...row }) => (revealId ? [{ ...row, revealId }] : []));
}

/** Reads the first report of each kind for each message. */
export function readReports(database: Queryable, revealIds: string[]): Promise<ReportRow[]> {
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

export function readOpenings(database: Queryable, revealIds: string[]): Promise<OpeningRow[]> {
  return database
    .select({
      id: linkOpenings.id,
      revealId: linkOpenings.revealId,
      at: linkOpenings.at,
      hasInteraction: sql<boolean>`${linkOpenings.interactedAt} is not null`,
    })
    .from(linkOpenings)
    .where(inArray(linkOpenings.revealId, revealIds));
}

const revealIdInDetails = sql<string>`${auditEvents.details}->>'revealId'`;

// With the table's name, because the columns of a query on one table have none.
/** Selects the action that started the reveal. Its audit event has the same timestamp, that of the transaction. */
const cause = sql<AuditEventRow['cause']>`(
  select other.action from ${auditEvents} other
  where ${auditEvents}.action = 'reveal.started' and other.account_id = ${auditEvents}.account_id
    and other.at = ${auditEvents}.at
    and other.action in ('api_account.created', 'api_key.reset', 'api_account.edited')
  limit 1
)`;

/** Selects when the old key of the reset that started the reveal was to end; null if immediately or it was no reset. */
const oldKey = sql<string | null>`(
  select other.details->>'oldKey' from ${auditEvents} other
  where ${auditEvents}.action = 'reveal.started' and other.account_id = ${auditEvents}.account_id
    and other.at = ${auditEvents}.at and other.action = 'api_key.reset'
  limit 1
)`;

/** Reads the audit events of these reveals. `since`: when the oldest reveal started, which bounds the scan. */
export function readAuditEvents(
  database: Queryable,
  accountId: string,
  revealIds: string[],
  since: SQL,
): Promise<AuditEventRow[]> {
  return database
    .select({
      id: auditEvents.id,
      revealId: revealIdInDetails,
      at: auditEvents.at,
      action: sql<AuditEventRow['action']>`${auditEvents.action}`,
      administratorName: selectActorName(sql`coalesce(${auditEvents.userId}, ${auditEvents.accessTokenId})`),
      cause,
      oldKey,
      resent: sql<string | null>`${auditEvents.details}->>'what'`,
    })
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.accountId, accountId),
        gte(auditEvents.at, since),
        inArray(auditEvents.action, [...ACTIONS]),
        inArray(revealIdInDetails, revealIds),
      ),
    );
}
