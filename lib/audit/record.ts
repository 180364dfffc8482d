import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { auditChain, auditErasableDetails, auditEvents } from '#db/schema/audit-events.ts';
import { beforeCommit } from '#db/with-transaction.ts';
import { insertAuditWebhookEvents } from '#lib/webhook-events/record.ts';
import type { AuditAction } from './actions.ts';
import { digestEntry } from './chain.ts';
import { ERASABLE_DIGEST, sealErasableDetails } from './erasable-details.ts';

export type AuditEvent = {
  /** The acting user. Null for access tokens, the integrator, the services, the console and unauthenticated requests. */
  userId: string | null;
  /** The acting access token. Null or missing for every other actor. */
  accessTokenId?: string | null;
  /** The affected account. */
  accountId?: string | null;
  /** The affected user. */
  targetUserId?: string | null;
  /** The IP address of the request. Null or missing for the services and the console. */
  ipAddress?: string | null;
  /** Default: `done`. */
  outcome?: 'done' | 'refused';
  /** Must not contain secrets. Can never be erased: an account's contact details belong in `erasableDetails`. */
  details?: Record<string, unknown>;
  /** Details that are erased with the account. Merged with `details` for the reader. */
  erasableDetails?: Record<string, unknown>;
};

/** Rows of one INSERT. A transaction that imports accounts records an event for each. */
const BATCH_SIZE = 1_000;

type PendingEvent = AuditEvent & { action: AuditAction };

const pendingEvents = new WeakMap<Transaction, PendingEvent[]>();

/** The time at which the transaction started, which all its rows have. */
const transactionTime = sql<string>`to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * Advances the end of the chain, and locks it until the commit, so that transactions append one after the other.
 * @returns the previous end, and the time of the new entries
 */
async function reservePositions(transaction: Transaction, count: number) {
  const [end] = await transaction
    .update(auditChain)
    .set({ position: sql`${auditChain.position} + ${count}` })
    .where(eq(auditChain.id, 'only'))
    .returning({
      position: sql`${auditChain.position} - ${count}`.mapWith(Number),
      digest: auditChain.digest,
      at: transactionTime,
    });
  if (!end) throw new Error('the table audit_chain has no row: the database has not been migrated');
  return end;
}

/** Normalises details to what will be read back from JSON: no undefined values, dates as strings. */
const normalizeDetails = (details: Record<string, unknown> = {}) =>
  JSON.parse(JSON.stringify(details)) as Record<string, unknown>;

/** Gives each event an id, and replaces its erasable details by their digest. */
function prepareEvents(events: PendingEvent[]) {
  const erasableRows: (typeof auditErasableDetails.$inferInsert)[] = [];
  const prepared = events.map(({ erasableDetails, details, ...event }) => {
    const id = uuidv7();
    if (!erasableDetails) return { ...event, id, details: normalizeDetails(details) };
    const { digest, ...row } = sealErasableDetails(normalizeDetails(erasableDetails));
    erasableRows.push({ eventId: id, ...row });
    return { ...event, id, details: { ...normalizeDetails(details), [ERASABLE_DIGEST]: digest } };
  });
  return { prepared, erasableRows };
}

/** Appends events to the chain. */
async function appendEvents(transaction: Transaction, events: PendingEvent[]): Promise<void> {
  const { prepared, erasableRows } = prepareEvents(events);
  // Both before the chain is locked, so that other transactions do not wait for them.
  await insertAuditWebhookEvents(transaction, prepared);
  for (let start = 0; start < erasableRows.length; start += BATCH_SIZE)
    await transaction.insert(auditErasableDetails).values(erasableRows.slice(start, start + BATCH_SIZE));
  const end = await reservePositions(transaction, events.length);
  let digest = end.digest;
  const rows = prepared.map((event, index) => {
    const entry = {
      id: event.id,
      at: end.at,
      action: event.action,
      outcome: event.outcome ?? ('done' as const),
      userId: event.userId,
      accessTokenId: event.accessTokenId ?? null,
      accountId: event.accountId ?? null,
      targetUserId: event.targetUserId ?? null,
      ipAddress: event.ipAddress ?? null,
      details: event.details,
      position: end.position + index + 1,
    };
    digest = digestEntry(digest, entry);
    return { ...entry, at: sql`${entry.at}::timestamptz`, digest };
  });
  for (let start = 0; start < rows.length; start += BATCH_SIZE)
    await transaction.insert(auditEvents).values(rows.slice(start, start + BATCH_SIZE));
  await transaction.update(auditChain).set({ digest }).where(eq(auditChain.id, 'only'));
}

/**
 * Records an audit event in the transaction of the action, so that neither is committed without the other.
 * Writes the event right before the commit, because that locks the end of the chain for all other transactions.
 */
export function recordAuditEvent(transaction: Transaction, action: AuditAction, event: AuditEvent): void {
  const pending = pendingEvents.get(transaction);
  if (pending) {
    pending.push({ action, ...event });
    return;
  }
  const events = [{ action, ...event }];
  pendingEvents.set(transaction, events);
  beforeCommit(transaction, () => appendEvents(transaction, events));
}
