import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable } from '#db/client.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { messages } from '#db/schema/messages.ts';
import type { DeliveryOutcome } from '#lib/notifications/providers/outcome.ts';
import type { Provider } from '#lib/notifications/providers/send-result.ts';

/** Identifies the message that a delivery report is about. Our own id has precedence over the provider's. */
export type ReportedMessage = { messageId: string | null; provider: Provider; providerId: string | null };

/**
 * Records a delivery report once. Reports may arrive in any order, repeatedly, and before the message is marked as
 * sent.
 *
 * @param sourceId the provider's id of the report, prefixed with the provider's name
 * @returns false if the report is already recorded or is not about one of our messages
 */
export async function recordReport(
  database: Queryable,
  { messageId, provider, providerId }: ReportedMessage,
  { kind, at, reason }: DeliveryOutcome,
  sourceId: string,
): Promise<boolean> {
  const { rowCount } = await database.execute(sql`
    insert into ${deliveryReports} (id, message_id, kind, at, reason, source_id)
    select ${uuidv7()}, m.id, ${kind},
        least(greatest(${at.toISOString()}::timestamptz, m.created_at), now()), ${reason}, ${sourceId}
      from ${messages} m
      where m.id = ${messageId}::uuid or (m.provider = ${provider} and m.provider_id = ${providerId})
      order by (m.id = ${messageId}::uuid) desc nulls last
      limit 1
    on conflict (source_id) do nothing`);
  return rowCount === 1;
}
