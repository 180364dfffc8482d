import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { parse } from 'uuid';
import { settings } from '#lib/platform/config/settings.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AUTH_SECRET's key for this purpose alone (RFC 5869). */
function key(): Buffer {
  return Buffer.from(hkdfSync('sha256', settings().authSecret, '', 'stagedoor totp v1', 32));
}

/** 160 bits, as RFC 4226 recommends. */
export function newTotpSecret(): Buffer {
  return randomBytes(20);
}

/**
 * Encrypts the secret of a person's app (AES-256-GCM). Bound to the person, so that it is of no use in another's row.
 * @returns nonce, tag and ciphertext
 */
export function sealTotpSecret(userId: string, secret: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key(), iv).setAAD(parse(userId));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

/** The secret again; null where it was sealed for somebody else, was changed, or AUTH_SECRET is another one now. */
export function openTotpSecret(userId: string, sealed: Buffer): Buffer | null {
  const iv = sealed.subarray(0, IV_BYTES);
  const tag = sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key(), iv, { authTagLength: TAG_BYTES })
      .setAAD(parse(userId))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}
