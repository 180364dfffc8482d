import { eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { webhookEvents } from '#db/schema/webhooks.ts';

/** Builds the body of an event's requests, the same for each attempt. */
export async function buildBody(database: Queryable, eventId: string): Promise<string> {
  const [event] = await database
    .select({ type: webhookEvents.type, createdAt: webhookEvents.createdAt, data: webhookEvents.data })
    .from(webhookEvents)
    .where(eq(webhookEvents.id, eventId));
  if (!event) throw new Error('there is no such webhook event');
  const { type, createdAt, data } = event;
  return JSON.stringify({ type, timestamp: createdAt.toISOString(), data });
}
