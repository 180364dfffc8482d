import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';

/** Who hands a message on. */
export type Provider = NonNullable<typeof messages.$inferSelect.provider>;

const stillQueued = (messageId: string) => and(eq(messages.id, messageId), eq(messages.state, 'queued'));

/** The provider has accepted the message. */
export async function markSent(
  database: Database,
  messageId: string,
  { provider, providerId }: { provider: Provider; providerId: string | null },
): Promise<void> {
  await database
    .update(messages)
    .set({ state: 'sent', provider, providerId, failure: null, endedAt: sql`now()` })
    .where(stillQueued(messageId));
}

/** An attempt failed, and another will be made. `failure`: why, in words for an administrator. */
export async function noteFailedAttempt(
  database: Database,
  messageId: string,
  failure: string,
): Promise<void> {
  await database.update(messages).set({ failure }).where(stillQueued(messageId));
}

/** The message is given up; the account shows it. Without a `failure`, that of the last attempt stays. */
export async function markFailed(database: Database, messageId: string, failure?: string): Promise<void> {
  const unknown = 'The sending was interrupted again and again.';
  await database
    .update(messages)
    .set({
      state: 'failed',
      failure: failure ?? sql`coalesce(${messages.failure}, ${unknown})`,
      endedAt: sql`now()`,
    })
    .where(stillQueued(messageId));
}
