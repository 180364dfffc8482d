import { createHmac, hkdfSync } from 'node:crypto';

/**
 * Derives a key from a secret with HKDF-SHA-256 (RFC 5869) and an empty salt.
 * @param label the `info` parameter: a different label yields an unrelated key
 */
export function deriveKey(secret: string, label: string, bytes = 32): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', label, bytes));
}

/**
 * Computes the HMAC-SHA-256 of a message for one purpose: 32 bytes.
 * Each purpose has its own key, so that a signature for one is not valid for another.
 * @param secret AUTH_SECRET
 */
export function sign(purpose: string, secret: string, message: Uint8Array): Buffer {
  const key = deriveKey(secret, `stagedoor ${purpose} v1`);
  return createHmac('sha256', key).update(message).digest();
}
