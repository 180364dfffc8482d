import { createHash, randomBytes } from 'node:crypto';
import { canonicalize } from './chain.ts';

// An entry cannot be changed without breaking the chain. So what must be erasable is in a row of its own, and the entry
// contains only a digest of it: the row can be deleted, and while it exists, it can be verified.

type Details = Record<string, unknown>;

/** The name in an entry's details of the digest of its erasable details. Stored, so it must not be renamed. */
export const ERASABLE_DIGEST = 'erasableDigest';

const SALT_BYTES = 32;

/**
 * Computes the digest of erasable details: SHA-256 of the salt and the details in canonical JSON. Returns hexadecimal.
 * The salt has a fixed length, so no other pair of salt and details is digested as the same bytes.
 */
export function digestErasableDetails(salt: Uint8Array, details: unknown): string {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`);
  return createHash('sha256').update(salt).update(canonicalize(details)).digest('hex');
}

/** Generates a salt for details and computes their digest. */
export function sealErasableDetails(details: Details): { salt: Buffer; details: Details; digest: string } {
  const salt = randomBytes(SALT_BYTES);
  return { salt, details, digest: digestErasableDetails(salt, details) };
}

/** Returns whether a row matches the digest in its entry's details. */
export function matchesErasableDigest(entryDetails: unknown, salt: Uint8Array, details: unknown): boolean {
  if (salt.length !== SALT_BYTES) return false;
  return (entryDetails as Details | null)?.[ERASABLE_DIGEST] === digestErasableDetails(salt, details);
}

const isRecord = (value: unknown): value is Details =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Merges two levels, because `before` and `after` are objects of which each side has a part. */
function mergeRecords(erasable: Details, kept: Details): Details {
  const merged: Details = { ...erasable, ...kept };
  for (const [key, value] of Object.entries(erasable)) {
    const other = kept[key];
    if (isRecord(value) && isRecord(other)) merged[key] = { ...value, ...other };
  }
  return merged;
}

/**
 * Merges an entry's details with its erasable details, for the reader.
 * @param erasable null if the entry has none, or if they were erased: then the result says so
 */
export function mergeErasableDetails(entryDetails: Details, erasable: Details | null): Details {
  const { [ERASABLE_DIGEST]: digest, ...kept } = entryDetails;
  if (digest === undefined) return entryDetails;
  return erasable ? mergeRecords(erasable, kept) : { ...kept, contactDetails: 'erased' };
}
