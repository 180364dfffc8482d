import { hash } from 'node:crypto';

/**
 * What is stored of a key: its SHA-256. A slow hash is for secrets that people choose; 297 random bits cannot
 * be searched for, and the verifier digests one with each request.
 */
export function digestKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** The same in hexadecimal, as the verifier sends it to the database. */
export function digestKeyAsHex(key: string): string {
  return hash('sha256', key, 'hex');
}
