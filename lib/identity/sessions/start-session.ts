import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endSessionInTransaction } from './sign-out.ts';

export type SignInMethod = (typeof sessions.$inferSelect)['method'];

/** The browser that signs in. */
export type ClientInfo = {
  /** The client's IP address. */
  ipAddress: string;
  /** The `User-Agent` header. */
  userAgent?: string | null;
  /** Id of this browser's previous session, which the sign-in ends. */
  previousSessionId?: string | null;
};

/** `authenticatedAt`: when the user authenticated; now by default. */
type Authentication = { authenticatedAt?: SQL<Date> };

const MAX_USER_AGENT_LENGTH = 400;

/**
 * Starts a session for a user who has used every required factor, and records the sign-in. Ends the browser's previous
 * session.
 */
export async function startSession(
  transaction: Transaction,
  userId: string,
  method: SignInMethod,
  {
    ipAddress,
    userAgent = null,
    previousSessionId,
    authenticatedAt = sql`now()`,
  }: ClientInfo & Authentication,
): Promise<string> {
  const id = uuidv7();
  const truncatedUserAgent = userAgent?.slice(0, MAX_USER_AGENT_LENGTH) ?? null;
  await transaction
    .insert(sessions)
    .values({ id, userId, method, ipAddress, userAgent: truncatedUserAgent, authenticatedAt });
  recordAuditEvent(transaction, 'sign_in.succeeded', { userId, ipAddress, details: { method } });
  if (previousSessionId) await endSessionInTransaction(transaction, previousSessionId, 'replaced', ipAddress);
  return id;
}
