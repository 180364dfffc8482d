import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { auditChain, auditEvents } from '#db/schema/audit-events.ts';
import { beforeCommit } from '#db/with-transaction.ts';
import type { AuditAction } from './actions.ts';
import { digestEntry } from './chain.ts';

export type AuditEvent = {
  /** Who did it; null: the integrator, the system, or somebody who is not known. */
  userId: string | null;
  /** To which account. */
  accountId?: string | null;
  /** To which user. */
  targetUserId?: string | null;
  /** From which IP address. */
  address?: string | null;
  outcome?: 'done' | 'refused';
  /** Never a secret. */
  details?: Record<string, unknown>;
};

type Recorded = AuditEvent & { act: AuditAction };

const waiting = new WeakMap<Transaction, Recorded[]>();

/** The beginning of the transaction, as in every other row that it writes. */
const instantInText = sql<string>`to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Moves the end of the chain on, and holds it until the commit: so the entries of two transactions never mingle. */
async function takePlaces(transaction: Transaction, count: number) {
  const [end] = await transaction
    .update(auditChain)
    .set({ position: sql`${auditChain.position} + ${count}` })
    .where(eq(auditChain.id, 'only'))
    .returning({
      position: sql`${auditChain.position} - ${count}`.mapWith(Number),
      digest: auditChain.digest,
      at: instantInText,
    });
  if (!end) throw new Error('the audit log has no end to write to: the database was not migrated');
  return end;
}

async function append(transaction: Transaction, recorded: Recorded[]): Promise<void> {
  const end = await takePlaces(transaction, recorded.length);
  let before = end.digest;
  const rows = recorded.map((event, index) => {
    const entry = {
      id: uuidv7(),
      at: end.at,
      act: event.act,
      outcome: event.outcome ?? ('done' as const),
      userId: event.userId,
      accountId: event.accountId ?? null,
      targetUserId: event.targetUserId ?? null,
      address: event.address ?? null,
      // As JSON keeps it, since that is what will be read back: no undefined, dates as text.
      details: JSON.parse(JSON.stringify(event.details ?? {})) as Record<string, unknown>,
      position: end.position + index + 1,
    };
    before = digestEntry(before, entry);
    return { ...entry, at: sql`${entry.at}::timestamptz`, digest: before };
  });
  await transaction.insert(auditEvents).values(rows);
  await transaction.update(auditChain).set({ digest: before }).where(eq(auditChain.id, 'only'));
}

/**
 * Puts an act on record in the act's own transaction: neither is there without the other. It is written right before
 * the commit, since all transactions write to the end of one chain.
 */
export function recordAuditEvent(transaction: Transaction, act: AuditAction, event: AuditEvent): void {
  const known = waiting.get(transaction);
  if (known) {
    known.push({ act, ...event });
    return;
  }
  const recorded = [{ act, ...event }];
  waiting.set(transaction, recorded);
  beforeCommit(transaction, () => append(transaction, recorded));
}
