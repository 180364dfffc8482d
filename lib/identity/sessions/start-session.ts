import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endSessionInTransaction } from './sign-out.ts';

export type SignInMethod = (typeof sessions.$inferSelect)['method'];

/** What a sign-in records about the client. */
export type ClientInfo = {
  /** The client's IP address. */
  address: string;
  /** The `User-Agent` header. */
  userAgent?: string | null;
  /** Id of this browser's previous session, which the sign-in ends. */
  previousSessionId?: string | null;
};

/** When the user authenticated; now by default. */
type Authentication = { authenticatedAt?: SQL<Date> };

const MAX_USER_AGENT_LENGTH = 400;

/** Starts a session for a user who has passed every required factor, and records the sign-in. */
export async function startSession(
  transaction: Transaction,
  userId: string,
  method: SignInMethod,
  { address, userAgent = null, previousSessionId, authenticatedAt = sql`now()` }: ClientInfo & Authentication,
): Promise<string> {
  const id = uuidv7();
  const truncatedAgent = userAgent?.slice(0, MAX_USER_AGENT_LENGTH) ?? null;
  await transaction
    .insert(sessions)
    .values({ id, userId, method, address, userAgent: truncatedAgent, authenticatedAt });
  recordAuditEvent(transaction, 'sign_in.succeeded', { userId, address, details: { method } });
  if (previousSessionId) await endSessionInTransaction(transaction, previousSessionId, 'replaced', address);
  return id;
}
