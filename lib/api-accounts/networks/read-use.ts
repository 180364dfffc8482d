import { desc, eq, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountAddresses } from '#db/schema/api-account-addresses.ts';
import { apiAccountUsage, usageFlushes } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { getIpAddressBlock, isPrivateIpAddress, parseNetwork } from '#lib/platform/http/ip-address.ts';
import { isStillRefused } from './refused.ts';
import { MAX_ADDRESSES, type NetworkUse, type SeenAddress } from './schema.ts';

/**
 * Reads how many proxies the verifiers trust: the fewest of those that have counted requests lately. If none has, assumes
 * web's own setting: `npm start` gives both the same.
 */
async function readTrustedProxies(database: Queryable): Promise<number> {
  const newest = database.select({ at: sql`max(${usageFlushes.at})` }).from(usageFlushes);
  const [row] = await database
    .select({ trustedProxies: sql<number | null>`min(${usageFlushes.trustedProxies})` })
    .from(usageFlushes)
    // A verifier that has not written for a minute may have been replaced by one with another setting.
    .where(sql`${usageFlushes.at} > ${newest} - interval '1 minute'`);
  return row?.trustedProxies ?? settings().verifierTrustedProxies;
}

/** Adds to each address what to allow: its /64 if it shares that with others, because clients change the rest of it. */
function addNetworks(addresses: SeenAddress[]): NetworkUse['allowed'] {
  const blocks = addresses.map(({ ipAddress }) => getIpAddressBlock(ipAddress));
  return addresses.map((address, index) => {
    const block = blocks[index] ?? '';
    const isShared = blocks.filter((other) => other === block).length > 1;
    return { ...address, network: (isShared && parseNetwork(block)) || address.ipAddress };
  });
}

/**
 * Reads from which IP addresses an account's keys were used, to limit the account to networks.
 * @param id null for an account that does not exist yet
 */
export async function readNetworkUse(
  database: Queryable,
  _administrator: Administrator,
  id: string | null,
): Promise<NetworkUse> {
  const hasTrustedProxies = (await readTrustedProxies(database)) > 0;
  if (id === null) {
    const proxyProblem = hasTrustedProxies ? null : 'no_trusted_proxies';
    return { allowed: [], hasMore: false, refused: [], proxyProblem, readAt: new Date() };
  }
  const [account] = await database
    .select({
      lastIpAddress: apiAccountUsage.lastIpAddress,
      lastUsedAt: apiAccountUsage.lastUsedAt,
      readAt: sql`now()`.mapWith(apiAccounts.createdAt),
    })
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .where(eq(apiAccounts.id, id));
  const rows = await database
    .select({
      isAllowed: apiAccountAddresses.allowed,
      isStillRefused,
      ipAddress: apiAccountAddresses.ipAddress,
      lastSeenAt: apiAccountAddresses.lastSeenAt,
    })
    .from(apiAccountAddresses)
    .innerJoin(apiAccounts, eq(apiAccounts.id, apiAccountAddresses.accountId))
    .where(eq(apiAccountAddresses.accountId, id))
    .orderBy(desc(apiAccountAddresses.lastSeenAt));
  const pick = ({ ipAddress, lastSeenAt }: SeenAddress) => ({ ipAddress, lastSeenAt });
  const allowed = rows.filter(({ isAllowed }) => isAllowed).map(pick);
  const { lastIpAddress, lastUsedAt } = account ?? {};
  // Earlier versions recorded only the address of the last use.
  if (allowed.length === 0 && lastIpAddress && lastUsedAt)
    allowed.push({ ipAddress: lastIpAddress, lastSeenAt: lastUsedAt });
  const hasOnlyPrivate =
    allowed.length > 0 && allowed.every(({ ipAddress }) => isPrivateIpAddress(ipAddress));
  return {
    allowed: addNetworks(allowed.slice(0, MAX_ADDRESSES)),
    hasMore: allowed.length >= MAX_ADDRESSES,
    refused: rows.filter((row) => row.isStillRefused).map(pick),
    proxyProblem: hasTrustedProxies ? (hasOnlyPrivate ? 'private_addresses' : null) : 'no_trusted_proxies',
    readAt: account?.readAt ?? new Date(),
  };
}
