import { and, count, eq, gt, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { messages } from '#db/schema/messages.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { type Actor, getActorId, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { NOTICES_PER_HOUR } from './limits.ts';

type Contact = { email: string; phone: string };
type ContactChange = {
  accountId: string;
  actor: Actor<'accounts:write'>;
  before: Contact;
  after: Contact;
};

/** Counts the notices of the last hour. The count is exact, because the caller has locked the account's row. */
async function countRecentNotices(transaction: Transaction, accountId: string): Promise<number> {
  const [row] = await transaction
    .select({ notices: count() })
    .from(contactChanges)
    .innerJoin(messages, and(eq(messages.changeId, contactChanges.id), eq(messages.kind, 'change_notice')))
    .where(
      and(eq(contactChanges.accountId, accountId), gt(contactChanges.at, sql`now() - interval '1 hour'`)),
    );
  return row?.notices ?? 0;
}

/**
 * Records a change of an account's email address or phone number, and queues a notice to the previous email address
 * (OWASP ASVS 5.0, 6.3.7; NIST SP 800-63B-4, 4.6). Runs in the caller's transaction, which has locked the account.
 * @returns whether the notice was queued; after ten notices within an hour, it is withheld, which is audited
 */
export async function recordContactChange(
  transaction: Transaction,
  queue: PgBoss,
  { accountId, actor, before, after }: ContactChange,
): Promise<{ isNoticeQueued: boolean }> {
  const id = uuidv7();
  const isNoticeQueued = (await countRecentNotices(transaction, accountId)) < NOTICES_PER_HOUR;
  await transaction.insert(contactChanges).values({
    id,
    accountId,
    changedBy: getActorId(actor),
    oldEmail: before.email,
    newEmail: after.email,
    oldPhone: before.phone,
    newPhone: after.phone,
  });
  if (isNoticeQueued) {
    await queueMessage(transaction, queue, { kind: 'change_notice', changeId: id });
  } else {
    const event = { ...getAuditActor(actor), accountId, details: { changeId: id } };
    recordAuditEvent(transaction, 'address_change.notice_withheld', event);
  }
  return { isNoticeQueued };
}
