import { createHmac, hkdfSync } from 'node:crypto';

/** One key per purpose (RFC 5869), so that nothing that is signed for one can serve another. */
function keyFor(purpose: string, secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `stagedoor ${purpose} v1`, 32));
}

/** The HMAC-SHA-256 of a message for one purpose: 32 bytes. `secret`: AUTH_SECRET. */
export function sign(purpose: string, secret: string, message: Uint8Array): Buffer {
  return createHmac('sha256', keyFor(purpose, secret)).update(message).digest();
}
