import { and, count, eq, gt, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { messages } from '#db/schema/messages.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { NOTICES_PER_HOUR } from './limits.ts';

type Addresses = { email: string; phone: string };
type Change = {
  accountId: string;
  changedBy: string;
  /** From which IP address. */
  address: string;
  before: Addresses;
  after: Addresses;
};

/** Exact, since the caller holds the account's row: nobody else writes a notice for it meanwhile. */
async function noticesWithinTheHour(transaction: Transaction, accountId: string): Promise<number> {
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
 * Writes down that an account's email address or phone number was changed, and queues a notice to the email address
 * before, in the caller's transaction (OWASP ASVS 5.0, 6.3.7; NIST SP 800-63B-4, 4.6). The caller holds the
 * account's row.
 * @returns whether that address is told: no longer after ten notices within an hour, which the audit then says
 */
export async function recordContactChange(
  transaction: Transaction,
  sender: PgBoss,
  { accountId, changedBy, address, before, after }: Change,
): Promise<{ told: boolean }> {
  const id = uuidv7();
  const told = (await noticesWithinTheHour(transaction, accountId)) < NOTICES_PER_HOUR;
  await transaction.insert(contactChanges).values({
    id,
    accountId,
    changedBy,
    oldEmail: before.email,
    newEmail: after.email,
    oldPhone: before.phone,
    newPhone: after.phone,
  });
  if (told) {
    await queueMessage(transaction, sender, { kind: 'change_notice', changeId: id });
  } else {
    const of = { userId: changedBy, accountId, address };
    recordAuditEvent(transaction, 'address_change.notice_withheld', { ...of, details: { changeId: id } });
  }
  return { told };
}
