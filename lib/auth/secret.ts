import { hkdfSync } from 'node:crypto';
import { settings } from '#lib/settings.ts';

/** The secret that session tokens are encrypted with: AUTH_SECRET's key for this purpose alone (RFC 5869). */
export function sessionSecret(): string {
  const key = hkdfSync('sha256', settings().authSecret, '', 'stagedoor session v1', 32);
  return Buffer.from(key).toString('base64url');
}
