import { eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { webhookEvents } from '#db/schema/webhooks.ts';
import { readAuditEntry } from '#lib/audit/list.ts';
import { toAuditEvent } from '#lib/audit/resource.ts';

/** Reads an audit event as the management API describes it. */
async function readAuditData(database: Queryable, id: string) {
  const entry = await readAuditEntry(database, id);
  return entry && toAuditEvent(entry);
}

/** Builds the body of an event's requests, the same for each attempt. */
export async function buildBody(database: Queryable, eventId: string): Promise<string> {
  const [event] = await database
    .select({ type: webhookEvents.type, createdAt: webhookEvents.createdAt, data: webhookEvents.data })
    .from(webhookEvents)
    .where(eq(webhookEvents.id, eventId));
  if (!event) throw new Error('there is no such webhook event');
  const { type, createdAt } = event;
  const data = event.data ?? (await readAuditData(database, eventId));
  return JSON.stringify({ type, timestamp: createdAt.toISOString(), data });
}
