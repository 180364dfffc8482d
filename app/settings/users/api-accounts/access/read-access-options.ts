import { readExpiryLimits } from '#lib/api-accounts/expiry/policy.ts';
import { readNetworkUse } from '#lib/api-accounts/networks/read-use.ts';
import type { NetworkUse } from '#lib/api-accounts/networks/schema.ts';
import { listScopeChoices } from '#lib/api-accounts/scopes/choices.ts';
import type { NewScope } from '#lib/api-accounts/scopes/schema.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';

/** What the fields under *Access* need besides the account. */
export type AccessOptions = {
  /** The organisation's time zone (IANA name), in which an expiry is entered. */
  timeZone: string;
  /** The expiry that a new account gets if no other is chosen, ISO 8601; null if there is none. */
  defaultExpiresAt: string | null;
  /** The scopes that an account can have. */
  scopes: NewScope[];
  /** From where the account's keys were used. */
  networkUse: NetworkUse;
};

/**
 * Reads what the fields under *Access* need besides the account.
 * @param accountId null for a new account
 */
export async function readAccessOptions(
  administrator: Administrator,
  accountId: string | null,
): Promise<AccessOptions> {
  const [scopes, networkUse, { defaultExpiresAt }] = await Promise.all([
    listScopeChoices(database(), administrator),
    readNetworkUse(database(), administrator, accountId),
    readExpiryLimits(database()),
  ]);
  return {
    timeZone: settings().organisationTimeZone,
    defaultExpiresAt: defaultExpiresAt?.toISOString() ?? null,
    scopes,
    networkUse,
  };
}
