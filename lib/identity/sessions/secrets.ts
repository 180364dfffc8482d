import { hkdfSync } from 'node:crypto';
import { settings } from '#lib/platform/config/settings.ts';

/** AUTH_SECRET's key for one purpose alone (RFC 5869). */
function secretFor(purpose: string): string {
  const key = hkdfSync('sha256', settings().authSecret, '', `stagedoor ${purpose} v1`, 32);
  return Buffer.from(key).toString('base64url');
}

/** The secret that session tokens are encrypted with. */
export const sessionSecret = () => secretFor('session');

/** The secret that tokens of sign-ins are encrypted with whose second factor is awaited. */
export const pendingSecret = () => secretFor('pending sign-in');
