import { hash } from 'node:crypto';

/**
 * Computes a key's SHA-256 digest, which is stored instead of the key.
 * A slow hash is unnecessary: 297 random bits cannot be guessed, and the verifier computes a digest per request.
 */
export function digestKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** Computes the digest in hexadecimal, the form in which the verifier sends it to the database. */
export function digestKeyAsHex(key: string): string {
  return hash('sha256', key, 'hex');
}
