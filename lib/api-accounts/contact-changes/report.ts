import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { isReportable } from './reportable.ts';
import { readChangeReportToken } from './token.ts';

export type ReportResult = { ok: true } | { ok: false; reason: 'ended' };

/** Queues an email to everybody who may look into it now. */
async function tellAdministrators(transaction: Transaction, sender: PgBoss, changeId: string): Promise<void> {
  const administrators = await transaction
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.role, 'settings_administrator'), eq(users.active, true)))
    .orderBy(users.id);
  for (const { id: userId } of administrators) {
    await queueMessage(transaction, sender, { kind: 'objection', changeId, userId });
  }
}

/**
 * Takes down that somebody who was told of a change says "this was not us", and tells every administrator: once,
 * however often it is said. Nothing else happens: an old address must not be able to shut an account down.
 * @returns `ended` alike for an unknown, malformed or late link
 */
export async function reportChange(
  database: Database,
  token: string,
  address: string | null = null,
): Promise<ReportResult> {
  const id = readChangeReportToken(token, settings().authSecret);
  if (!id) return { ok: false, reason: 'ended' };
  const sender = await queueFor(database.$client);
  return withTransaction(database, async (transaction): Promise<ReportResult> => {
    const [objected] = await transaction
      .update(contactChanges)
      .set({ objectedAt: sql`now()` })
      .where(and(eq(contactChanges.id, id), isNull(contactChanges.objectedAt), isReportable))
      .returning({ accountId: contactChanges.accountId });
    if (objected) {
      const event = { userId: null, address, accountId: objected.accountId, details: { changeId: id } };
      recordAuditEvent(transaction, 'address_change.objected', event);
      await tellAdministrators(transaction, sender, id);
      return { ok: true };
    }
    const earlier = await transaction
      .select({ id: contactChanges.id })
      .from(contactChanges)
      .where(and(eq(contactChanges.id, id), isReportable));
    return earlier.length > 0 ? { ok: true } : { ok: false, reason: 'ended' };
  });
}
