import { listScopeChoices } from '#lib/api-accounts/scopes/choices.ts';
import type { NewScope } from '#lib/api-accounts/scopes/schema.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';

/** What the fields under *Access* need besides the account. */
export type AccessOptions = {
  /** The organisation's time zone (IANA name), in which an expiry is entered. */
  timeZone: string;
  /** The scopes that an account can have. */
  scopes: NewScope[];
};

/** Reads what the fields under *Access* need besides the account. */
export async function readAccessOptions(administrator: Administrator): Promise<AccessOptions> {
  const scopes = await listScopeChoices(database(), administrator);
  return { timeZone: settings().organisationTimeZone, scopes };
}
