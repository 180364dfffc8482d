import type { Database } from '#db/client.ts';
import { listFactors } from '#lib/identity/mfa/list.ts';
import { readIdentity } from '#lib/identity/sso/identities.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** What somebody can confirm with that it is them. `provider`: the name of the OpenID provider, where they sign in there. */
export type ReauthMethods = {
  /** Whose they are. */
  userId: string;
  password: boolean;
  totp: boolean;
  passkey: boolean;
  provider: string | null;
};

export async function buildReauthMethods(
  database: Database,
  { userId }: CurrentUser,
): Promise<ReauthMethods> {
  const { singleSignOn, passwordSignIn } = settings();
  const provider =
    singleSignOn && (await readIdentity(database, userId, singleSignOn.issuer)) ? singleSignOn.name : null;
  if (!passwordSignIn) return { userId, password: false, totp: false, passkey: false, provider };
  const { password, totpSince, passkeys } = await listFactors(database, userId);
  return { userId, password, totp: totpSince !== null, passkey: passkeys.length > 0, provider };
}
