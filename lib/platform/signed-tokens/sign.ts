import { createHmac } from 'node:crypto';
import { deriveKey } from './derive-key.ts';

/**
 * Computes the HMAC-SHA-256 of a message for one purpose: 32 bytes.
 * Each purpose has its own key, so that a signature for one is not valid for another.
 * @param secret AUTH_SECRET
 */
export function sign(purpose: string, secret: string, message: Uint8Array): Buffer {
  const key = deriveKey(secret, `stagedoor ${purpose} v1`);
  return createHmac('sha256', key).update(message).digest();
}
