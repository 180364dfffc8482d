import { hkdfSync } from 'node:crypto';
import { settings } from '#lib/platform/config/settings.ts';

/** Derives a key for one purpose from AUTH_SECRET (RFC 5869). */
function secretFor(purpose: string): string {
  const key = hkdfSync('sha256', settings().authSecret, '', `stagedoor ${purpose} v1`, 32);
  return Buffer.from(key).toString('base64url');
}

/** Returns the secret that encrypts session tokens. */
export const sessionSecret = () => secretFor('session');

/** Returns the secret that encrypts the tokens of pending sign-ins. */
export const pendingSecret = () => secretFor('pending sign-in');
