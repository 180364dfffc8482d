/**
 * An entry's position, digest (hexadecimal) and time, kept outside the database by an administrator. The functions
 * below also use it for the start, the end and the last entry of the chain in the database. `at` is missing for the
 * start, the end, and a checkpoint that was kept without its time.
 */
export type Checkpoint = { position: number; digest: string; at?: string | null };

/** A way in which the log deviates from the chain, and its position. */
export type Violation = { position: number; message: string };

/** The content of an `audit.pruned` entry. */
export type Pruning = { at: string; upToPosition: number; olderThanDays: number };

/** The minimum that the database enforces (`audit_prune`). */
const MIN_RETENTION_DAYS = 90;
const DAY_MS = 86_400_000;
/** Days are an hour (in one time zone, two) shorter or longer when daylight saving time changes. */
const TOLERANCE_MS = 2 * 3_600_000;

/** Parses an `audit.pruned` entry. Returns null for other or malformed entries. */
export function parsePruning({ action, at, details }: { action: string; at: string; details: unknown }) {
  if (action !== 'audit.pruned') return null;
  const { upToPosition, olderThanDays } = (details ?? {}) as Partial<Pruning>;
  if (typeof upToPosition !== 'number' || typeof olderThanDays !== 'number') return null;
  return { at, upToPosition, olderThanDays };
}

/** Compares an entry's digest with all checkpoints of its position. */
export function verifyCheckpoints(checkpoints: Checkpoint[] | undefined, digest: string): Violation | null {
  const mismatch = checkpoints?.find((checkpoint) => checkpoint.digest !== digest);
  if (!mismatch) return null;
  const message = `Entry ${mismatch.position} doesn't match the checkpoint: it, or an earlier entry, was changed and the chain was recomputed.`;
  return { position: mismatch.position, message };
}

/** Compares the last entry with the recorded end of the chain, and with the newest checkpoint. */
export function verifyEnd(end: Checkpoint, last: Checkpoint, checkpoints: Checkpoint[]): Violation | null {
  const lastExpected = Math.max(end.position, ...checkpoints.map(({ position }) => position));
  if (lastExpected > last.position) {
    const message = `The newest entries are missing: the last is entry ${last.position}, but there were ${lastExpected}.`;
    return { position: last.position + 1, message };
  }
  if (end.position < last.position) {
    const message = `Entries were added after the end of the chain, which is at ${end.position}.`;
    return { position: end.position + 1, message };
  }
  if (end.digest === last.digest) return null;
  const message = "The end of the chain was changed: its digest isn't that of the last entry.";
  return { position: end.position, message };
}

/** Returns whether the retention may have deleted a checkpoint's entry: true if the checkpoint has no time. */
function mayBePruned({ at }: Checkpoint, pruning: Pruning, now: Date): boolean {
  if (!at) return true;
  const prunedAt = Math.min(Date.parse(pruning.at), now.getTime());
  return Date.parse(at) < prunedAt - pruning.olderThanDays * DAY_MS + TOLERANCE_MS;
}

/**
 * Checks that the retention deleted the entries before the start of the chain.
 *
 * An attacker who deletes them can store any start. Therefore an entry of the chain must record the deletion, and the
 * entries of earlier checkpoints must be old enough for it. Without such a checkpoint, it does not detect an attacker
 * who adds that entry, too.
 * @param pruning from the entry that records a deletion up to exactly this start; null if there is none
 */
export function verifyStart(
  start: Checkpoint,
  { pruning, checkpoints, now }: { pruning: Pruning | null; checkpoints: Checkpoint[]; now: Date },
): Violation | null {
  if (start.position === 0) return null;
  if (!pruning) {
    const message = `The entries up to ${start.position} are missing, and no entry records that they were deleted.`;
    return { position: start.position, message };
  }
  if (pruning.olderThanDays < MIN_RETENTION_DAYS) {
    const message = `The entries up to ${start.position} are missing: deleted after ${pruning.olderThanDays} days, but the retention period is at least ${MIN_RETENTION_DAYS} days.`;
    return { position: start.position, message };
  }
  const tooRecent = checkpoints.find(
    (checkpoint) => checkpoint.position < start.position && !mayBePruned(checkpoint, pruning, now),
  );
  if (!tooRecent) return null;
  const message = `Entry ${tooRecent.position}, which has a checkpoint, is missing: it's too recent for the retention period.`;
  return { position: tooRecent.position, message };
}
