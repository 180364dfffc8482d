import type { Database } from '#db/client.ts';
import { listFactors } from '#lib/identity/mfa/list.ts';
import { readIdentity } from '#lib/identity/sso/identities.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** The methods with which a user can re-authenticate. */
export type ReauthMethods = {
  userId: string;
  password: boolean;
  totp: boolean;
  passkey: boolean;
  /** Name of the OpenID provider, if the user has an SSO account there. */
  provider: string | null;
};

/** Reads which methods the user has. Leaves out local ones if local authentication is off. */
export async function readReauthMethods(database: Database, { userId }: CurrentUser): Promise<ReauthMethods> {
  const { singleSignOn, isLocalAuthEnabled } = settings();
  const provider =
    singleSignOn && (await readIdentity(database, userId, singleSignOn.issuer)) ? singleSignOn.name : null;
  if (!isLocalAuthEnabled) return { userId, password: false, totp: false, passkey: false, provider };
  const { hasPassword, totpSince, passkeys } = await listFactors(database, userId);
  return { userId, password: hasPassword, totp: totpSince !== null, passkey: passkeys.length > 0, provider };
}
