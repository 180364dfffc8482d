import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { parse } from 'uuid';
import { settings } from '#lib/platform/config/settings.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Derives the key that encrypts TOTP secrets from AUTH_SECRET. */
const deriveEncryptionKey = () => deriveKey(settings().authSecret, 'stagedoor totp v1');

/** Generates a secret of 160 bits, as RFC 4226 recommends. */
export function generateTotpSecret(): Buffer {
  return randomBytes(20);
}

/**
 * Encrypts a user's secret (AES-256-GCM). It is bound to the user, so that it does not decrypt in another user's row.
 * @returns the IV, the authentication tag and the ciphertext
 */
export function encryptTotpSecret(userId: string, secret: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', deriveEncryptionKey(), iv).setAAD(parse(userId));
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}

/** Decrypts a secret; null if it belongs to another user, was modified, or AUTH_SECRET has changed. */
export function decryptTotpSecret(userId: string, encryptedSecret: Buffer): Buffer | null {
  const iv = encryptedSecret.subarray(0, IV_BYTES);
  const tag = encryptedSecret.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', deriveEncryptionKey(), iv, { authTagLength: TAG_BYTES })
      .setAAD(parse(userId))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(encryptedSecret.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}
