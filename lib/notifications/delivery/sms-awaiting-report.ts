import { sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { messages } from '#db/schema/messages.ts';
import type { Provider } from '#lib/notifications/providers/send-result.ts';

/** An SMS that the provider accepted and that has no final delivery report. */
export type SmsAwaitingReport = { messageId: string; providerId: string; sentAt: Date };

/**
 * Lower bound of the ids to scan. Ids are UUIDv7 and begin with the creation time, so the index skips older rows.
 * An SMS that was sent in the last 24 hours was created at most about four hours earlier, because of its retries. The
 * rest of the 48 hours allows for clock skew.
 */
const MIN_ID = sql`rpad(lpad(to_hex((extract(epoch from now() - interval '48 hours') * 1000)::bigint), 12, '0'), 32, '0')::uuid`;

/**
 * Picks random SMS that were sent in the last 24 hours and await a delivery report.
 * Because the picks are random, several workers rarely poll the same SMS. From ten minutes on, an SMS is picked less
 * often the older it is.
 */
export async function findSmsAwaitingReport(
  database: Queryable,
  provider: Provider,
  limit: number,
): Promise<SmsAwaitingReport[]> {
  const { rows } = await database.execute<{ id: string; provider_id: string; ended_at: Date }>(sql`
    select m.id, m.provider_id, m.ended_at from ${messages} m
      where m.id > ${MIN_ID} and m.channel = 'sms' and m.state = 'sent' and m.provider = ${provider}
        and m.provider_id is not null and m.ended_at > now() - interval '24 hours'
        and not exists (select from ${deliveryReports} r where r.message_id = m.id and r.kind in ('delivered', 'failed'))
        and random() * extract(epoch from now() - m.ended_at) < 600
      order by random() limit ${limit}`);
  return rows.map((row) => ({
    messageId: row.id,
    providerId: row.provider_id,
    sentAt: new Date(row.ended_at),
  }));
}
