import { and, eq, isNull } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import type { Person } from '#lib/auth/roles.ts';
import { type HeldPerson, holdPerson } from './hold-person.ts';

/**
 * Holds the row of whoever asks, until the transaction ends. Every act of a person on their own account begins with it:
 * a request that was under way when its session was ended gets no further.
 * @returns null where the session has ended meanwhile, or the person may not sign in any more
 */
export async function holdAsking(
  transaction: Transaction,
  { userId, sessionId }: Pick<Person, 'userId' | 'sessionId'>,
): Promise<HeldPerson | null> {
  const held = await holdPerson(transaction, userId);
  const alive = and(eq(sessions.id, sessionId), eq(sessions.userId, userId), isNull(sessions.endedAt));
  return held?.active && (await transaction.$count(sessions, alive)) === 1 ? held : null;
}
