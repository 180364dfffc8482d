import { sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { deliveryReports } from '#db/schema/delivery-reports.ts';
import { messages } from '#db/schema/messages.ts';
import type { Provider } from './finish-attempt.ts';

/** A text that was accepted, and of which nobody knows yet what became. */
export type OpenText = { messageId: string; providerId: string; sentAt: Date };

/**
 * Messages' ids begin with the time (UUIDv7), so that old rows need not be looked at: a message is tried for some four
 * hours at most, and the rest is room for a program's clock.
 */
const SINCE = sql`rpad(lpad(to_hex((extract(epoch from now() - interval '48 hours') * 1000)::bigint), 12, '0'), 32, '0')::uuid`;

/**
 * Some of the texts of the last 24 hours that it is worth asking the provider about. They come by chance, so that each
 * has its turn and several workers seldom ask about the same one; one that is older than ten minutes is seldomer
 * among them, the older the seldomer.
 */
export async function openTexts(database: Queryable, provider: Provider, limit: number): Promise<OpenText[]> {
  const { rows } = await database.execute<{ id: string; provider_id: string; ended_at: Date }>(sql`
    select m.id, m.provider_id, m.ended_at from ${messages} m
      where m.id > ${SINCE} and m.channel = 'sms' and m.state = 'sent' and m.provider = ${provider}
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
