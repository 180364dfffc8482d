import type { Database } from '#db/client.ts';
import { listFactors } from '#lib/identity/mfa/list.ts';
import { readIdentity } from '#lib/identity/sso/identities.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** The methods with which a user can re-authenticate. */
export type ReauthMethods = {
  userId: string;
  /** Whether the user has a password, with which they can sign in again, even if it is not enough to re-authenticate. */
  hasPassword: boolean;
  password: boolean;
  totp: boolean;
  passkey: boolean;
  /** Name of the OpenID provider, if the user has an SSO account there. */
  provider: string | null;
};

/**
 * Reads with which methods the user can re-authenticate. A user with a second factor must use it or the provider, but not
 * Google, which cannot authenticate users again. Leaves out local methods if local authentication is off.
 */
export async function readReauthMethods(database: Database, { userId }: CurrentUser): Promise<ReauthMethods> {
  const { singleSignOn, isLocalAuthEnabled } = settings();
  const provider =
    singleSignOn && (await readIdentity(database, userId, singleSignOn.issuer)) ? singleSignOn.name : null;
  if (!isLocalAuthEnabled)
    return { userId, hasPassword: false, password: false, totp: false, passkey: false, provider };
  const { hasPassword, totpSince, passkeys } = await listFactors(database, userId);
  const [totp, passkey] = [totpSince !== null, passkeys.length > 0];
  const hasFactor = totp || passkey;
  return {
    userId,
    hasPassword,
    password: hasPassword && !hasFactor,
    totp,
    passkey,
    provider: hasFactor && singleSignOn?.provider === 'google' ? null : provider,
  };
}
