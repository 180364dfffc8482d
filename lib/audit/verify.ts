import { asc, eq, getTableColumns, gt, isNull, sql } from 'drizzle-orm';
import type { Database, Queryable } from '#db/client.ts';
import { readSnapshot } from '#db/read-snapshot.ts';
import { auditChain, auditEvents } from '#db/schema/audit-events.ts';
import { type ChainedEntry, digestEntry } from './chain.ts';
import { ENTRY_COLUMNS } from './entry-columns.ts';
import {
  type Checkpoint,
  type Pruning,
  readPruning,
  type Violation,
  verifyCheckpoints,
  verifyEnd,
  verifyStart,
} from './verify-ends.ts';

export type Verified = {
  /** How many entries were found right. */
  checked: number;
  /** Entries from before there was a chain: nothing vouches for them. */
  unchained: number;
  /** How many the retention has thrown away before the first. */
  pruned: number;
  /** The last entry found right; what to note elsewhere. */
  last: Checkpoint;
  /** Noted places from before the chain begins, so that they can no longer be compared. */
  tooOld: Checkpoint[];
  /** The first thing that is wrong, and where; null: nothing is. */
  wrong: Violation | null;
};

type Row = ChainedEntry & { digest: Buffer };

const BATCH = 1_000;

/** The entries after a position, in order, a batch at a time: never more than that in memory. */
async function* entriesAfter(snapshot: Queryable, position: number): AsyncGenerator<Row> {
  for (let after = position; ; ) {
    const rows = (await snapshot
      .select(ENTRY_COLUMNS)
      .from(auditEvents)
      .where(gt(auditEvents.position, after))
      .orderBy(asc(auditEvents.position))
      .limit(BATCH)) as Row[];
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return;
    after = last.position;
  }
}

/** What is wrong with an entry by itself, after the one before it. */
function judgeEntry(entry: Row, before: Checkpoint): string | null {
  const expected = before.position + 1;
  if (entry.position === expected + 1) return `Entry ${expected} is missing.`;
  if (entry.position > expected) return `Entries ${expected} to ${entry.position - 1} are missing.`;
  const { digest, ...content } = entry;
  if (digestEntry(Buffer.from(before.digest, 'hex'), content).equals(digest)) return null;
  return `Entry ${entry.position} is not what was written: it was changed, or put in place of another, or the one before it was.`;
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

/** Entries outside the chain that are no older than it: nobody writes those. */
async function readUnchained(snapshot: Queryable): Promise<{ count: number; late: number }> {
  const began = snapshot
    .select({ at: sql`min(${auditEvents.at})` })
    .from(auditEvents)
    .where(gt(auditEvents.position, 0));
  const [row] = await snapshot
    .select({
      count: sql<number>`count(*)::int`,
      late: sql<number>`(count(*) filter (where ${auditEvents.at} >= (${began})))::int`,
    })
    .from(auditEvents)
    .where(isNull(auditEvents.position));
  return row ?? { count: 0, late: 0 };
}

async function judgeOutside(snapshot: Queryable, start: number, late: number): Promise<Violation | null> {
  const [early] = await snapshot
    .select({ position: sql<number>`min(${auditEvents.position})::float8` })
    .from(auditEvents)
    .where(sql`${auditEvents.position} <= ${start}`);
  if (typeof early?.position === 'number') {
    const words = `Entry ${early.position} stands before the beginning of the chain, which is after ${start}.`;
    return { position: early.position, words };
  }
  if (late === 0) return null;
  return {
    position: start + 1,
    words: `${late} entries without a place in the chain were added since it began.`,
  };
}

/** A batch goes on after the last position: a second entry of that very position would be passed over. */
async function judgeCount(snapshot: Queryable, start: number, checked: number): Promise<Violation | null> {
  const all = await snapshot.$count(auditEvents, gt(auditEvents.position, start));
  if (all === checked) return null;
  const [twice] = await snapshot
    .select({ position: auditEvents.position })
    .from(auditEvents)
    .where(gt(auditEvents.position, start))
    .groupBy(auditEvents.position)
    .having(sql`count(*) > 1`)
    .orderBy(asc(auditEvents.position))
    .limit(1);
  const position = twice?.position ?? start + 1;
  return {
    position,
    words: `There are ${all} entries in the chain, and ${checked} places: ${position} is there twice.`,
  };
}

type Walk = { last: Checkpoint; checked: number; pruning: Pruning | null; wrong: Violation | null };

/** Goes through all entries, to the first that is wrong. */
async function walk(snapshot: Queryable, start: Checkpoint, noted: Checkpoint[]): Promise<Walk> {
  const notedAt = Map.groupBy(noted, ({ position }) => position);
  let last = start;
  let checked = 0;
  let pruning: Pruning | null = null;
  let wrong = verifyCheckpoints(notedAt.get(start.position), start.digest);
  for await (const entry of entriesAfter(snapshot, start.position)) {
    const words = wrong ? null : judgeEntry(entry, last);
    if (words) wrong = { position: Math.min(entry.position, last.position + 1), words };
    const digest = entry.digest.toString('hex');
    wrong ??= verifyCheckpoints(notedAt.get(entry.position), digest);
    if (wrong) break;
    last = { position: entry.position, digest, at: entry.at };
    checked += 1;
    const read = readPruning(entry);
    if (read?.upToPosition === start.position) pruning ??= read;
  }
  return { last, checked, pruning, wrong };
}

/**
 * Checks the whole audit log against its chain, on one state of the database, in constant memory: each entry's digest
 * and place, where the chain begins and ends, and what was noted elsewhere. It stops at the first thing that is wrong.
 *
 * Without a noted place, a chain that was written anew from some entry to its end looks right.
 */
export function verifyAuditLog(database: Database, noted: Checkpoint[] = []): Promise<Verified> {
  return readSnapshot(database, async (snapshot) => {
    const { start, end, now } = await readEnds(snapshot);
    const outside = await readUnchained(snapshot);
    const { last, checked, pruning, wrong } = await walk(snapshot, start, noted);
    return {
      checked,
      unchained: outside.count,
      pruned: start.position,
      last,
      tooOld: noted.filter(({ position }) => position < start.position),
      wrong:
        wrong ??
        verifyEnd(end, last, noted) ??
        (await judgeCount(snapshot, start.position, checked)) ??
        (await judgeOutside(snapshot, start.position, outside.late)) ??
        verifyStart(start, { pruning, noted, now }),
    };
  });
}
