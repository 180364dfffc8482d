import { sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { webhookReceipts } from '#db/schema/delivery-reports.ts';

/** Throws away the receipts of webhook calls that nobody could play back any more: a signature is good for five minutes. */
export async function deleteOldReceipts(database: Queryable): Promise<void> {
  await database
    .delete(webhookReceipts)
    .where(sql`${webhookReceipts.receivedAt} < now() - interval '24 hours'`);
}
