import { createHash } from 'node:crypto';

/** An entry as its digest covers it: every column but the digest itself. */
export type ChainedEntry = {
  id: string;
  /** ISO 8601 in UTC with microseconds, as PostgreSQL has it. */
  at: string;
  act: string;
  outcome: 'done' | 'refused';
  userId: string | null;
  accountId: string | null;
  targetUserId: string | null;
  address: string | null;
  details: unknown;
  position: number;
};

/** What stands before the first entry. */
export const NO_DIGEST = Buffer.alloc(32);

/** JSON with the keys of every object in order (as RFC 8785 has it, for the values that details hold). */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

/**
 * The digest of an entry: SHA-256 over the digest before it and the entry in canonical JSON. Whoever changes, removes
 * or inserts an entry has to change every digest after it, the last one too.
 */
export function digestEntry(before: Uint8Array, entry: ChainedEntry): Buffer {
  const { position, at, id, act, outcome, userId, accountId, targetUserId, address, details } = entry;
  const fields = [position, at, id, act, outcome, userId, accountId, targetUserId, address, details];
  return createHash('sha256').update(before).update(canonical(fields)).digest();
}
