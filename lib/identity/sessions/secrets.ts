import { settings } from '#lib/platform/config/settings.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';

/** Derives a secret for one purpose from AUTH_SECRET. */
const secretFor = (purpose: string) =>
  deriveKey(settings().authSecret, `stagedoor ${purpose} v1`).toString('base64url');

/** Returns the secret that encrypts session tokens. */
export const sessionSecret = () => secretFor('session');

/** Returns the secret that encrypts the tokens of pending sign-ins. */
export const pendingSecret = () => secretFor('pending sign-in');
