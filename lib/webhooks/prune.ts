import { inArray, lt, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { webhookEvents } from '#db/schema/webhooks.ts';

const KEPT_DAYS = 30;
/** How many events one statement deletes. */
const BATCH_SIZE = 1_000;

/** Deletes events that are older than 30 days, with their deliveries and attempts. */
export async function pruneWebhookEvents(database: Database): Promise<void> {
  for (let deleted = BATCH_SIZE; deleted === BATCH_SIZE; ) {
    const old = database
      .select({ id: webhookEvents.id })
      .from(webhookEvents)
      .where(lt(webhookEvents.createdAt, sql`now() - make_interval(days => ${KEPT_DAYS})`))
      .limit(BATCH_SIZE);
    deleted = (await database.delete(webhookEvents).where(inArray(webhookEvents.id, old))).rowCount ?? 0;
  }
}
