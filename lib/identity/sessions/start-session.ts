import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endSessionIn } from './sign-out.ts';

/** How somebody proved who they are. */
export type Method = (typeof sessions.$inferSelect)['method'];

/** From where somebody signs in. */
export type Arrival = {
  /** The client's IP address. */
  address: string;
  /** What the browser calls itself, if it says. */
  userAgent?: string | null;
  /** The session that this browser has already, if any: it ends. */
  formerSessionId?: string | null;
};

/** When they proved it; now, where it is not said. */
type ReauthResult = { authenticatedAt?: SQL<Date> };

const LONGEST_USER_AGENT = 400;

/** Opens a session for somebody who has proven all that they have to, and puts the sign-in on record. */
export async function startSession(
  transaction: Transaction,
  userId: string,
  method: Method,
  { address, userAgent = null, formerSessionId, authenticatedAt = sql`now()` }: Arrival & ReauthResult,
): Promise<string> {
  const id = uuidv7();
  const browser = userAgent?.slice(0, LONGEST_USER_AGENT) ?? null;
  await transaction
    .insert(sessions)
    .values({ id, userId, method, address, userAgent: browser, authenticatedAt });
  recordAuditEvent(transaction, 'sign_in.succeeded', { userId, address, details: { method } });
  if (formerSessionId) await endSessionIn(transaction, formerSessionId, 'replaced', address);
  return id;
}
