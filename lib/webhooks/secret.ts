import { randomBytes } from 'node:crypto';
import { parse } from 'uuid';
import { settings } from '#lib/platform/config/settings.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';
import { decrypt, encrypt } from '#lib/platform/signed-tokens/encrypt.ts';

const SECRET_BYTES = 32;

/** Derives the key that encrypts webhook secrets from AUTH_SECRET. */
const deriveEncryptionKey = () => deriveKey(settings().authSecret, 'stagedoor webhook secret v1');

/** Generates a signing secret in the form of Standard Webhooks: `whsec_` and base64. */
export const generateWebhookSecret = () => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** Encrypts the secret of an endpoint. It is bound to the endpoint, so that it does not decrypt in another row. */
export const encryptWebhookSecret = (endpointId: string, secret: string) =>
  encrypt(deriveEncryptionKey(), Buffer.from(secret), parse(endpointId));

/** Decrypts a secret; null if it belongs to another endpoint, was modified, or AUTH_SECRET has changed. */
export const decryptWebhookSecret = (endpointId: string, encrypted: Buffer) =>
  decrypt(deriveEncryptionKey(), encrypted, parse(endpointId))?.toString() ?? null;
