import { eq, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { buildHasPermanentDetails } from '#lib/audit/erase.ts';
import { selectActorName } from '#lib/identity/users/actor-name.ts';
import type { AccountDetails } from './schema.ts';
import { readSummary } from './summary.ts';

/** Reads an account with what only its own page shows; returns null if it does not exist. */
export async function readAccount(database: Queryable, id: string): Promise<AccountDetails | null> {
  const summary = await readSummary(database, id);
  if (!summary) return null;
  const [row] = await database
    .select({
      notes: apiAccounts.notes,
      expiresAt: apiAccounts.expiresAt,
      scopes: apiAccounts.scopes,
      allowedNetworks: apiAccounts.allowedNetworks,
      createdAt: apiAccounts.createdAt,
      createdBy: selectActorName(apiAccounts.createdBy),
      keyIssuedAt: apiAccounts.keyGeneratedAt,
      lastIpAddress: apiAccountUsage.lastIpAddress,
      hasPermanentDetails: buildHasPermanentDetails(apiAccounts.id),
      readAt: sql`now()`.mapWith(apiAccounts.createdAt),
    })
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .where(eq(apiAccounts.id, id));
  return row ? { ...summary, ...row } : null;
}
