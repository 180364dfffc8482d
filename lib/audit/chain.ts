import { createHash } from 'node:crypto';

/**
 * The content of an entry that its digest covers: every column except the digest. The canonical form has no column
 * names, so columns may be renamed. It has the keys inside `details`, so keys of stored entries must not be renamed.
 */
export type ChainedEntry = {
  id: string;
  /** ISO 8601 in UTC, with PostgreSQL's microseconds. */
  at: string;
  action: string;
  outcome: 'done' | 'refused';
  userId: string | null;
  /** Null or missing: not an access token, or recorded before there were any. */
  accessTokenId?: string | null;
  accountId: string | null;
  targetUserId: string | null;
  ipAddress: string | null;
  details: unknown;
  position: number;
};

/** The digest before the first entry. */
export const NO_DIGEST = Buffer.alloc(32);

/** Serialises JSON with sorted keys: RFC 8785, for the values that occur in details. */
export function canonicalize(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalize).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalize(member)}`);
  return `{${members.join(',')}}`;
}

/**
 * Computes an entry's digest: SHA-256 of the previous digest and the entry in canonical JSON. The id of an access token
 * is a further element, only if there is one: so earlier entries keep their digests.
 *
 * To change or insert an entry, or to remove one from the middle, an attacker has to recompute every later digest,
 * including the last. Removing the first or the last entries needs no new digests: `verify-ends.ts` checks for that.
 */
export function digestEntry(previous: Uint8Array, entry: ChainedEntry): Buffer {
  const { position, at, id, action, outcome, userId, accountId, targetUserId, ipAddress, details } = entry;
  const fields = [position, at, id, action, outcome, userId, accountId, targetUserId, ipAddress, details];
  if (entry.accessTokenId) fields.push(entry.accessTokenId);
  return createHash('sha256').update(previous).update(canonicalize(fields)).digest();
}
