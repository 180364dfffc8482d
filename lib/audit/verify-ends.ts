/** A place in the chain that somebody wrote down elsewhere: the digest in hexadecimal digits, the entry's time. */
export type Checkpoint = { position: number; digest: string; at?: string | null };

/** Something that is wrong, and where. */
export type Violation = { position: number; words: string };

/** What an entry `audit.pruned` says. */
export type Pruning = { at: string; upToPosition: number; olderThanDays: number };

/** The database insists on as many (`audit_prune`). */
const FEWEST_DAYS = 90;
const DAY_MS = 86_400_000;
/** A day of the database's is an hour shorter or longer where its clocks change. */
const LEEWAY_MS = 2 * 3_600_000;

/** What an entry says of the retention; null: it is another act. */
export function readPruning({ act, at, details }: { act: string; at: string; details: unknown }) {
  if (act !== 'audit.pruned') return null;
  const { upToPosition, olderThanDays } = (details ?? {}) as Partial<Pruning>;
  if (typeof upToPosition !== 'number' || typeof olderThanDays !== 'number') return null;
  return { at, upToPosition, olderThanDays };
}

/** What is wrong with an entry that was noted: of one place there may be several notes. */
export function verifyCheckpoints(noted: Checkpoint[] | undefined, digest: string): Violation | null {
  const other = noted?.find((place) => place.digest !== digest);
  if (!other) return null;
  const words = `Entry ${other.position} has another digest than the one that was noted: it, or one before it, was changed and the chain written anew.`;
  return { position: other.position, words };
}

/** What is wrong with where the chain ends. */
export function verifyEnd(end: Checkpoint, last: Checkpoint, noted: Checkpoint[]): Violation | null {
  const furthest = Math.max(end.position, ...noted.map(({ position }) => position));
  if (furthest > last.position) {
    const words = `The newest entries are missing: the last is ${last.position}, and there were ${furthest}.`;
    return { position: last.position + 1, words };
  }
  if (end.position < last.position) {
    const words = `Entries were added after the end of the chain, which is at ${end.position}.`;
    return { position: end.position + 1, words };
  }
  if (end.digest === last.digest) return null;
  const words = 'The end of the chain was written anew: its digest is not that of the last entry.';
  return { position: end.position, words };
}

/** Whether the retention may have thrown away what was noted. A note without its time does not tell. */
function mayBeGone({ at }: Checkpoint, pruning: Pruning, now: Date): boolean {
  if (!at) return true;
  const pruned = Math.min(Date.parse(pruning.at), now.getTime());
  return Date.parse(at) < pruned - pruning.olderThanDays * DAY_MS + LEEWAY_MS;
}

/**
 * What is wrong with where the chain begins. Whoever cuts off its beginning can write down any: so an entry has to say
 * that the retention threw away what was before, and what was noted has to be old enough for that.
 * @param pruning what an entry of the chain says of exactly this beginning
 */
export function verifyStart(
  start: Checkpoint,
  { pruning, noted, now }: { pruning: Pruning | null; noted: Checkpoint[]; now: Date },
): Violation | null {
  if (start.position === 0) return null;
  if (!pruning) {
    const words = `The entries up to ${start.position} are missing, and no entry says that the retention has thrown them away.`;
    return { position: start.position, words };
  }
  if (pruning.olderThanDays < FEWEST_DAYS) {
    const words = `The entries up to ${start.position} are missing: thrown away after ${pruning.olderThanDays} days, which the retention never does.`;
    return { position: start.position, words };
  }
  const young = noted.find((place) => place.position < start.position && !mayBeGone(place, pruning, now));
  if (!young) return null;
  const words = `Entry ${young.position}, which was noted, is missing: it is younger than what the retention throws away.`;
  return { position: young.position, words };
}
