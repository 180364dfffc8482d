import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { listAdministratorIds } from '#lib/identity/users/administrators.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { readLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { REPORT_DAYS } from './limits.ts';
import type { ChangeView } from './schema.ts';

export type OpenResult = { ok: true; change: ChangeView } | { ok: false; reason: 'invalid_link' };
export type ReportResult = { ok: true } | { ok: false; reason: 'invalid_link' };

/** Selects when the link in a change's notice expires. */
export const reportDeadline = sql`${contactChanges.at} + make_interval(hours => ${REPORT_DAYS * 24})`;

/** Selects whether that link is still valid, by the database's clock. A report does not end it. */
export const isReportable = sql<boolean>`${reportDeadline} > now()`;

const columns = {
  username: apiAccounts.username,
  isEmailChanged: sql<boolean>`${contactChanges.oldEmail} <> ${contactChanges.newEmail}`,
  isPhoneChanged: sql<boolean>`${contactChanges.oldPhone} <> ${contactChanges.newPhone}`,
  at: contactChanges.at,
  isReported: sql<boolean>`${contactChanges.reportedAt} is not null`,
};

/**
 * Reads what the page behind a notice's link shows. Has no side effects, because mail scanners open links too.
 * @returns `invalid_link` for an unknown, malformed or expired link, so that they cannot be distinguished
 */
export async function openContactChange(database: Database, token: string): Promise<OpenResult> {
  const id = readLinkToken('changeReport', token, settings().authSecret);
  if (!id) return { ok: false, reason: 'invalid_link' };
  const [row] = await database
    .select(columns)
    .from(contactChanges)
    .innerJoin(apiAccounts, eq(apiAccounts.id, contactChanges.accountId))
    .where(and(eq(contactChanges.id, id), isReportable));
  if (!row) return { ok: false, reason: 'invalid_link' };
  const { at, ...change } = row;
  return { ok: true, change: { ...change, changedAt: at.toISOString() } };
}

/** Queues an email to every active administrator. */
async function notifyAdministrators(
  transaction: Transaction,
  queue: PgBoss,
  changeId: string,
): Promise<void> {
  for (const userId of await listAdministratorIds(transaction))
    await queueMessage(transaction, queue, { kind: 'change_report', changeId, userId });
}

/**
 * Reports a contact change as unauthorised and notifies every active administrator. Repeated reports have no effect.
 * Does not restrict the account: the owner of an old address must not be able to disable it.
 * @returns `invalid_link` for an unknown, malformed or expired link, so that they cannot be distinguished
 */
export async function reportChange(
  database: Database,
  token: string,
  ipAddress: string | null = null,
): Promise<ReportResult> {
  const id = readLinkToken('changeReport', token, settings().authSecret);
  if (!id) return { ok: false, reason: 'invalid_link' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, async (transaction): Promise<ReportResult> => {
    const [reported] = await transaction
      .update(contactChanges)
      .set({ reportedAt: sql`now()` })
      .where(and(eq(contactChanges.id, id), isNull(contactChanges.reportedAt), isReportable))
      .returning({ accountId: contactChanges.accountId });
    if (reported) {
      const event = {
        userId: null,
        ipAddress,
        accountId: reported.accountId,
        details: { changeId: id },
      };
      recordAuditEvent(transaction, 'address_change.objected', event);
      await notifyAdministrators(transaction, queue, id);
      return { ok: true };
    }
    const reportedEarlier = await transaction
      .select({ id: contactChanges.id })
      .from(contactChanges)
      .where(and(eq(contactChanges.id, id), isReportable));
    return reportedEarlier.length > 0 ? { ok: true } : { ok: false, reason: 'invalid_link' };
  });
}
