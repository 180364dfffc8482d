import { randomBytes } from 'node:crypto';
import { parse } from 'uuid';
import { settings } from '#lib/platform/config/settings.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';
import { decrypt, encrypt } from '#lib/platform/signed-tokens/encrypt.ts';

/** Derives the key that encrypts TOTP secrets from AUTH_SECRET. */
const deriveEncryptionKey = () => deriveKey(settings().authSecret, 'stagedoor totp v1');

/** Generates a secret of 160 bits, as RFC 4226 recommends. */
export function generateTotpSecret(): Buffer {
  return randomBytes(20);
}

/** Encrypts a user's secret. It is bound to the user, so that it does not decrypt in another user's row. */
export function encryptTotpSecret(userId: string, secret: Uint8Array): Buffer {
  return encrypt(deriveEncryptionKey(), secret, parse(userId));
}

/** Decrypts a secret; null if it belongs to another user, was modified, or AUTH_SECRET has changed. */
export function decryptTotpSecret(userId: string, encryptedSecret: Buffer): Buffer | null {
  return decrypt(deriveEncryptionKey(), encryptedSecret, parse(userId));
}
