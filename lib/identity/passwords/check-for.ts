import type { Queryable } from '#db/client.ts';
import { listFactors } from '#lib/identity/mfa/list.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { checkPassword } from './check.ts';

/** Whether somebody has a second factor, as far as is known before their row is held. */
export async function hasFactorNow(database: Queryable, userId: string): Promise<boolean> {
  const { passkeys, totpSince } = await listFactors(database, userId);
  return passkeys.length > 0 || totpSince !== null;
}

/** Whether a password may be this person's. */
export function checkPasswordFor(
  { email, name, hasFactor }: { email: string; name: string; hasFactor: boolean },
  password: string,
) {
  return checkPassword({ password, hasFactor, about: [email, name, settings().organisationName] });
}
