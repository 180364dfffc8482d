import { sql } from 'drizzle-orm';
import { auditEvents } from '#db/schema/audit-events.ts';

/** The columns of an entry as its digest covers them (`chain.ts`): the time as text, with microseconds. */
export const ENTRY_COLUMNS = {
  id: auditEvents.id,
  at: sql<string>`to_char(${auditEvents.at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  act: auditEvents.act,
  outcome: auditEvents.outcome,
  userId: auditEvents.userId,
  accountId: auditEvents.accountId,
  targetUserId: auditEvents.targetUserId,
  address: auditEvents.address,
  details: auditEvents.details,
  position: auditEvents.position,
  digest: auditEvents.digest,
};
