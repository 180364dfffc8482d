import { sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#db/client.ts';
import { webhookReceipts } from '#db/schema/delivery-reports.ts';
import type { ResendWebhook } from '#lib/notifications/providers/resend-webhook.ts';

/**
 * Records a webhook's id and signing time, to detect replays.
 * Resend signs each retry again. So a webhook with a recorded id that was not signed later is a replay.
 * @returns false for a replay
 */
export async function recordReceipt(
  transaction: Transaction,
  { id, signedAt }: ResendWebhook,
): Promise<boolean> {
  const rows = await transaction
    .insert(webhookReceipts)
    .values({ id, signedAt })
    .onConflictDoUpdate({
      target: webhookReceipts.id,
      set: { signedAt: sql`excluded.signed_at`, receivedAt: sql`now()` },
      setWhere: sql`${webhookReceipts.signedAt} < excluded.signed_at`,
    })
    .returning({ id: webhookReceipts.id });
  return rows.length > 0;
}

/** Deletes receipts older than a day. Such webhooks cannot be replayed: a signature is valid for five minutes. */
export async function deleteOldReceipts(database: Queryable): Promise<void> {
  await database
    .delete(webhookReceipts)
    .where(sql`${webhookReceipts.receivedAt} < now() - interval '24 hours'`);
}
