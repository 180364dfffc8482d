import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import type { DeliveryOutcome } from '#lib/notifications/providers/outcome.ts';
import type { Provider } from '#lib/notifications/providers/send-result.ts';
import { recordFailedDelivery } from './record-failed-delivery.ts';

/** Identifies the message that a delivery report is about. Our own id has precedence over the provider's. */
export type ReportedMessage = { messageId: string | null; provider: Provider; providerId: string | null };

/** Records the webhook event for a report that a message of a key delivery did not arrive. */
async function recordIfFailed(
  transaction: Transaction,
  messageId: string,
  { kind, reason }: DeliveryOutcome,
): Promise<void> {
  if (kind !== 'bounced' && kind !== 'failed') return;
  const [message] = await transaction
    .select({ channel: messages.channel, accountId: reveals.accountId })
    .from(messages)
    .innerJoin(reveals, eq(reveals.id, messages.revealId))
    .where(eq(messages.id, messageId));
  if (!message) return;
  const { channel, accountId } = message;
  const problem = kind === 'bounced' ? 'bounced' : 'undelivered';
  recordFailedDelivery(transaction, accountId, { channel, problem, reason });
}

/**
 * Records a delivery report once. Reports may arrive in any order, repeatedly, and before the message is marked as
 * sent.
 *
 * @param sourceId the provider's id of the report, prefixed with the provider's name
 * @returns false if the report is already recorded or is not about one of our messages
 */
export async function recordReport(
  transaction: Transaction,
  { messageId, provider, providerId }: ReportedMessage,
  outcome: DeliveryOutcome,
  sourceId: string,
): Promise<boolean> {
  const { kind, at, reason } = outcome;
  const { rows } = await transaction.execute<{ messageId: string }>(sql`
    insert into ${deliveryReports} (id, message_id, kind, at, reason, source_id)
    select ${uuidv7()}, m.id, ${kind},
        least(greatest(${at.toISOString()}::timestamptz, m.created_at), now()), ${reason}, ${sourceId}
      from ${messages} m
      where m.id = ${messageId}::uuid or (m.provider = ${provider} and m.provider_id = ${providerId})
      order by (m.id = ${messageId}::uuid) desc nulls last
      limit 1
    on conflict (source_id) do nothing
    returning message_id as "messageId"`);
  const [recorded] = rows;
  if (recorded) await recordIfFailed(transaction, recorded.messageId, outcome);
  return recorded !== undefined;
}
