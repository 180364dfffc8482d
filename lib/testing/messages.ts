import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { markSent } from '#lib/notifications/delivery/attempt.ts';
import type { Provider } from '#lib/notifications/providers/send-result.ts';

/** Returns the id of the newest email or SMS of an account's current reveal. */
export async function readNewestMessageId(
  database: Database,
  accountId: string,
  channel: 'email' | 'sms',
): Promise<string> {
  const { rows } = await database.$client.query<{ id: string }>(
    `select id from messages where channel = $2 and reveal_id = (select reveal_id from api_accounts where id = $1)
      order by id desc limit 1`,
    [accountId, channel],
  );
  const [message] = rows;
  if (!message) throw new Error('no message');
  return message.id;
}

/** Marks the newest email or SMS as accepted by a provider; returns its id. */
export async function acceptMessage(
  database: Database,
  accountId: string,
  channel: 'email' | 'sms',
  provider: Provider,
): Promise<string> {
  const id = await readNewestMessageId(database, accountId, channel);
  await markSent(database, id, { provider, providerId: uuidv7() });
  return id;
}

/** Inserts a provider's delivery report about a message. */
export async function reportDelivery(
  database: Database,
  messageId: string,
  kind: 'delivered' | 'delayed' | 'bounced' | 'complained' | 'failed',
  { secondsAgo = 0, reason = null }: { secondsAgo?: number; reason?: string | null } = {},
): Promise<void> {
  await database.$client.query(
    `insert into delivery_reports (id, message_id, kind, at, reason, source_id)
      values ($1, $2, $3, now() - make_interval(secs => $4), $5, $6)`,
    [uuidv7(), messageId, kind, secondsAgo, reason, uuidv7()],
  );
}
