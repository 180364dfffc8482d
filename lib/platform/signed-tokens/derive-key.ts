import { hkdfSync } from 'node:crypto';

/**
 * Derives a key from a secret with HKDF-SHA-256 (RFC 5869) and an empty salt.
 * @param label the `info` parameter: a different label yields an unrelated key
 */
export function deriveKey(secret: string, label: string, bytes = 32): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', label, bytes));
}
