import { and, desc, eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';

/** Why our own rules refused the newest text of a reveal, in words for an administrator; null where they did not. */
export async function readRefusal(database: Queryable, revealId: string): Promise<string | null> {
  const [newest] = await database
    .select({ state: messages.state, failure: messages.failure })
    .from(messages)
    .where(and(eq(messages.revealId, revealId), eq(messages.kind, 'code')))
    .orderBy(desc(messages.createdAt), desc(messages.id))
    .limit(1);
  return newest?.state === 'refused' ? (newest.failure ?? 'The rules for texts do not allow it.') : null;
}
