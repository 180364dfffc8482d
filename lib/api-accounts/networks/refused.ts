import { sql } from 'drizzle-orm';
import { apiAccountAddresses } from '#db/schema/api-account-addresses.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';

/**
 * Condition for a query on accounts and their IP addresses: whether requests from the address were refused in the last 24
 * hours, and still would be. Once an administrator has allowed the address, there is nothing left to do.
 */
export const isStillRefused = sql<boolean>`(not ${apiAccountAddresses.allowed}
  and ${apiAccountAddresses.lastSeenAt} > now() - interval '24 hours' and ${apiAccounts.active}
  and not ${apiAccountAddresses.ipAddress}::inet <<= any(${apiAccounts.allowedNetworks}::inet[]))`;

/** Column for a query on accounts: whether there is such an address. */
export const isNetworkRefused = sql<boolean>`exists (
  select from ${apiAccountAddresses} where ${apiAccountAddresses.accountId} = ${apiAccounts.id} and ${isStillRefused})`;
