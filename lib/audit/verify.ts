import { asc, eq, getTableColumns, gt, isNull, sql } from 'drizzle-orm';
import type { Database, Queryable } from '#db/client.ts';
import { readSnapshot } from '#db/read-snapshot.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditChain, auditErasableDetails, auditEvents } from '#db/schema/audit-events.ts';
import { type ChainedEntry, digestEntry } from './chain.ts';
import { ENTRY_COLUMNS, ERASABLE_COLUMNS } from './entry-columns.ts';
import { ERASABLE_DIGEST, matchesErasableDigest } from './erasable-details.ts';
import {
  type Checkpoint,
  type Pruning,
  parsePruning,
  type Violation,
  verifyCheckpoints,
  verifyEnd,
  verifyStart,
} from './verify-ends.ts';

export type AuditLogVerification = {
  /** The number of entries that passed. */
  checked: number;
  /**
   * The number of entries outside the chain. Those older than it cannot be verified. One that was added later is a
   * violation.
   */
  unchained: number;
  /** The number of entries that the retention deleted. */
  pruned: number;
  /** The number of entries whose erasable details were erased with their account. */
  erased: number;
  /** The last entry that passed: the checkpoint to keep outside the database. The chain's start if none passed. */
  last: Checkpoint;
  /** Checkpoints before the start of the chain, which can no longer be compared. */
  checkpointsBeforeStart: Checkpoint[];
  /** The first violation, if any. */
  violation: Violation | null;
};

type Row = ChainedEntry & {
  digest: Buffer;
  erasableSalt: Buffer | null;
  erasableDetails: unknown;
  /** Null: not `deleted` and not needed. */
  accountState: 'deleted' | 'kept' | null;
};

const BATCH_SIZE = 1_000;

const erasableDigest = sql`${auditEvents.details} ->> ${ERASABLE_DIGEST}::text`;

/**
 * Selects whether the account of an entry was deleted later, if the entry's erasable details are missing. The deletion is
 * an entry of the chain, so unlike a row of `deleted_api_accounts` it cannot be made up and removed again unnoticed.
 */
const accountState = sql<Row['accountState']>`case
  when ${erasableDigest} is null or ${auditErasableDetails.eventId} is not null then null
  when exists (select from ${auditEvents} deletion where deletion.account_id = ${auditEvents.accountId}
      and deletion.action = 'api_account.deleted' and deletion.position > ${auditEvents.position})
    and not exists (select from ${apiAccounts} where ${apiAccounts.id} = ${auditEvents.accountId}) then 'deleted'
  else 'kept' end`;

/** Reads the entries after a position, in order. Only one batch is in memory at a time. */
async function* readEntriesAfter(snapshot: Queryable, position: number): AsyncGenerator<Row> {
  for (let after = position; ; ) {
    const rows = (await snapshot
      .select({ ...ENTRY_COLUMNS, ...ERASABLE_COLUMNS, accountState })
      .from(auditEvents)
      .leftJoin(auditErasableDetails, eq(auditErasableDetails.eventId, auditEvents.id))
      .where(gt(auditEvents.position, after))
      .orderBy(asc(auditEvents.position))
      .limit(BATCH_SIZE)) as Row[];
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < BATCH_SIZE) return;
    after = last.position;
  }
}

/** Checks an entry's position and digest against the previous entry. Returns the violation's message, if any. */
function verifyEntry(entry: Row, previous: Checkpoint): string | null {
  const expected = previous.position + 1;
  if (entry.position === expected + 1) return `Entry ${expected} is missing.`;
  if (entry.position > expected) return `Entries ${expected} to ${entry.position - 1} are missing.`;
  const { digest, ...content } = entry;
  if (digestEntry(Buffer.from(previous.digest, 'hex'), content).equals(digest)) return null;
  return `Entry ${entry.position} doesn't match its digest: it, or the entry before it, was changed or replaced.`;
}

/** Checks an entry's erasable details against the digest in the entry. Returns the violation's message, if any. */
function verifyErasable({
  position,
  details,
  erasableSalt,
  erasableDetails,
  accountState,
}: Row): string | null {
  if (accountState === 'kept')
    return `The contact details of entry ${position} are missing, but its account wasn't deleted.`;
  if (!erasableSalt || matchesErasableDigest(details, erasableSalt, erasableDetails)) return null;
  return `The contact details of entry ${position} don't match their digest in the entry: they were changed or added.`;
}

async function readEnds(snapshot: Queryable) {
  const [chain] = await snapshot
    .select({ ...getTableColumns(auditChain), now: sql`now()`.mapWith(auditEvents.at) })
    .from(auditChain)
    .where(eq(auditChain.id, 'only'));
  if (!chain) throw new Error('The end of the chain is missing: the table audit_chain has no row.');
  const { position, digest, startPosition, startDigest, now } = chain;
  return {
    start: { position: startPosition, digest: startDigest.toString('hex') },
    end: { position, digest: digest.toString('hex') },
    now,
  };
}

/** Counts the unchained entries. `late` counts those that are newer than the start of the chain. */
async function countUnchained(snapshot: Queryable): Promise<{ count: number; late: number }> {
  const chainStart = snapshot
    .select({ at: sql`min(${auditEvents.at})` })
    .from(auditEvents)
    .where(gt(auditEvents.position, 0));
  const [row] = await snapshot
    .select({
      count: sql<number>`count(*)::int`,
      late: sql<number>`(count(*) filter (where ${auditEvents.at} >= (${chainStart})))::int`,
    })
    .from(auditEvents)
    .where(isNull(auditEvents.position));
  return row ?? { count: 0, late: 0 };
}

/** Checks that no entry comes before the chain's start, and that no unchained entry was added later. */
async function verifyOutsideChain(
  snapshot: Queryable,
  start: number,
  late: number,
): Promise<Violation | null> {
  const [early] = await snapshot
    .select({ position: sql<number>`min(${auditEvents.position})::float8` })
    .from(auditEvents)
    .where(sql`${auditEvents.position} <= ${start}`);
  if (typeof early?.position === 'number') {
    const message = `Entry ${early.position} comes before the start of the chain, which is entry ${start + 1}.`;
    return { position: early.position, message };
  }
  if (late === 0) return null;
  return {
    position: start + 1,
    message: `${late === 1 ? '1 entry was' : `${late} entries were`} added outside the chain after it began.`,
  };
}

/** Checks that no position is there twice. `verifyEntries` misses a duplicate at the boundary of two batches. */
async function verifyUniquePositions(
  snapshot: Queryable,
  start: number,
  checked: number,
): Promise<Violation | null> {
  const total = await snapshot.$count(auditEvents, gt(auditEvents.position, start));
  if (total === checked) return null;
  const [duplicate] = await snapshot
    .select({ position: auditEvents.position })
    .from(auditEvents)
    .where(gt(auditEvents.position, start))
    .groupBy(auditEvents.position)
    .having(sql`count(*) > 1`)
    .orderBy(asc(auditEvents.position))
    .limit(1);
  const position = duplicate?.position ?? start + 1;
  return {
    position,
    message: `The chain has ${total} entries for ${checked} positions: position ${position} is there twice.`,
  };
}

/** Checks that no erasable details are left over. `withDetails`: the number of chained entries that have some. */
async function verifyNoOrphans(
  snapshot: Queryable,
  start: number,
  withDetails: number,
): Promise<Violation | null> {
  const total = await snapshot.$count(auditErasableDetails);
  if (total === withDetails) return null;
  const count = total - withDetails;
  const message = `${count === 1 ? '1 row' : `${count} rows`} of contact details belong to no entry: they were added, or weren't deleted with their entries.`;
  return { position: start + 1, message };
}

type EntriesResult = {
  last: Checkpoint;
  checked: number;
  erased: number;
  withDetails: number;
  pruning: Pruning | null;
  violation: Violation | null;
};

/** Verifies all entries in order, up to the first violation. */
async function verifyEntries(
  snapshot: Queryable,
  start: Checkpoint,
  checkpoints: Checkpoint[],
): Promise<EntriesResult> {
  const checkpointsAt = Map.groupBy(checkpoints, ({ position }) => position);
  let last = start;
  let checked = 0;
  let erased = 0;
  let withDetails = 0;
  let pruning: Pruning | null = null;
  let violation = verifyCheckpoints(checkpointsAt.get(start.position), start.digest);
  for await (const entry of readEntriesAfter(snapshot, start.position)) {
    const message = violation ? null : (verifyEntry(entry, last) ?? verifyErasable(entry));
    if (message) violation = { position: Math.min(entry.position, last.position + 1), message };
    const digest = entry.digest.toString('hex');
    violation ??= verifyCheckpoints(checkpointsAt.get(entry.position), digest);
    if (violation) break;
    last = { position: entry.position, digest, at: entry.at };
    checked += 1;
    if (entry.accountState === 'deleted') erased += 1;
    if (entry.erasableSalt) withDetails += 1;
    const entryPruning = parsePruning(entry);
    if (entryPruning?.upToPosition === start.position) pruning ??= entryPruning;
  }
  return { last, checked, erased, withDetails, pruning, violation };
}

/**
 * Verifies the whole audit log on one snapshot, in constant memory: every entry's digest and position, its erasable
 * details, the chain's start and end, and the checkpoints. Stops at the first violation.
 *
 * Without a checkpoint, it does not detect that an attacker
 * - recomputed the chain up to its end,
 * - removed the last entries and changed the recorded end, or
 * - removed the first entries, changed the recorded start and forged an `audit.pruned` entry.
 *
 * It accepts missing erasable details if an entry records that the account was deleted.
 */
export function verifyAuditLog(
  database: Database,
  checkpoints: Checkpoint[] = [],
): Promise<AuditLogVerification> {
  return readSnapshot(database, async (snapshot) => {
    const { start, end, now } = await readEnds(snapshot);
    const unchained = await countUnchained(snapshot);
    const { last, checked, erased, withDetails, pruning, violation } = await verifyEntries(
      snapshot,
      start,
      checkpoints,
    );
    return {
      checked,
      erased,
      unchained: unchained.count,
      pruned: start.position,
      last,
      checkpointsBeforeStart: checkpoints.filter(({ position }) => position < start.position),
      violation:
        violation ??
        verifyEnd(end, last, checkpoints) ??
        (await verifyUniquePositions(snapshot, start.position, checked)) ??
        (await verifyOutsideChain(snapshot, start.position, unchained.late)) ??
        (await verifyNoOrphans(snapshot, start.position, withDetails)) ??
        verifyStart(start, { pruning, checkpoints, now }),
    };
  });
}
