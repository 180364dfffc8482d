import { sql } from 'drizzle-orm';
import { auditErasableDetails, auditEvents } from '#db/schema/audit-events.ts';

/** An entry's digest, and its other columns in the form that the digest covers: the time with microseconds (`chain.ts`). */
export const ENTRY_COLUMNS = {
  id: auditEvents.id,
  at: sql<string>`to_char(${auditEvents.at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  action: auditEvents.action,
  outcome: auditEvents.outcome,
  userId: auditEvents.userId,
  accessTokenId: auditEvents.accessTokenId,
  accountId: auditEvents.accountId,
  targetUserId: auditEvents.targetUserId,
  ipAddress: auditEvents.ipAddress,
  details: auditEvents.details,
  position: auditEvents.position,
  digest: auditEvents.digest,
};

/** The erasable details of an entry, and their salt; null if it has none, or if they were erased. Needs a left join. */
export const ERASABLE_COLUMNS = {
  erasableSalt: auditErasableDetails.salt,
  erasableDetails: auditErasableDetails.details,
};
