import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable } from '#db/client.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { messages } from '#db/schema/messages.ts';
import type { Outcome } from '#lib/notifications/providers/outcome.ts';
import type { Provider } from './finish-attempt.ts';

/** Which message a provider speaks of: by our own id where it has it, else by the provider's. */
export type Subject = { messageId: string | null; provider: Provider; providerId: string | null };

/**
 * Writes down what became of a message, once, whatever the order in which reports come in and however often:
 * also before the message is marked as sent.
 *
 * @param sourceId the provider's own id of what it told, with the provider's name before it
 * @returns false where it is known already, or no message of ours is meant
 */
export async function recordReport(
  database: Queryable,
  { messageId, provider, providerId }: Subject,
  { kind, at, reason }: Outcome,
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
