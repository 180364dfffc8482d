import { eq, inArray, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { isAccountExpired, isRevealExpired, isRevealLocked } from '#lib/account-state/conditions.ts';
import { isKeyLeaked, leakRow, parseLeak } from '#lib/account-state/leak.ts';
import { noticeProblemRow, problemRows } from '#lib/account-state/problem-rows.ts';
import { deriveStatus } from '#lib/account-state/status.ts';
import { openReports, parseReport } from '#lib/api-accounts/contact-changes/open-reports.ts';
import { oldKeyColumns, toOldKey } from '#lib/key-delivery/previous-key.ts';
import { describeNoticeProblem, describeProblem } from './delivery-problems.ts';
import { isNetworkRefused } from './networks/refused.ts';
import type { AccountSummary } from './schema.ts';

const columns = {
  id: apiAccounts.id,
  username: apiAccounts.username,
  displayName: apiAccounts.displayName,
  email: apiAccounts.email,
  phone: apiAccounts.phone,
  active: apiAccounts.active,
  isExpired: isAccountExpired,
  version: apiAccounts.version,
  revealId: apiAccounts.revealId,
  requestsPerMinute: apiAccounts.requestsPerMinute,
  hasKey: sql<boolean>`${apiAccounts.keyDigest} is not null`,
  lastUsedAt: apiAccountUsage.lastUsedAt,
  createdAt: apiAccounts.createdAt,
  expiresAt: apiAccounts.expiresAt,
  ...oldKeyColumns,
  isRevealLocked,
  isRevealExpired,
  hasRevealEnded: sql<boolean>`coalesce(${reveals.endedAt} is not null, true)`,
  problems: problemRows,
  noticeProblem: noticeProblemRow,
  reports: openReports,
  isKeyLeaked,
  leak: leakRow,
  isNetworkRefused,
};

/** Reads accounts for the settings pages, in no order. Leaves out those that do not exist. */
export async function readSummaries(database: Queryable, ids: string[]): Promise<AccountSummary[]> {
  const rows = await database
    .select(columns)
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .leftJoin(reveals, eq(reveals.id, apiAccounts.revealId))
    .where(inArray(apiAccounts.id, ids));
  return rows.map((row) => {
    const {
      isExpired,
      isKeyLeaked,
      isRevealLocked,
      isRevealExpired,
      hasRevealEnded,
      problems,
      noticeProblem,
      reports,
      hasOldKey,
      oldKeyExpiresAt,
      oldKeyEndsOn,
      oldKeyUsedAt,
      isNewKeyCollected,
      isNewKeyUsed,
      ...rest
    } = row;
    return {
      ...rest,
      oldKey: toOldKey(row),
      leak: parseLeak(row.leak),
      status: deriveStatus(row),
      isRevealOpen: !hasRevealEnded && !isRevealLocked && !isRevealExpired,
      deliveryProblems: [
        ...(problems ?? []).filter(({ status }) => status !== 'refused').map(describeProblem),
        ...(noticeProblem ? [describeNoticeProblem(noticeProblem)] : []),
      ],
      smsBlockedReason: problems?.find(({ status }) => status === 'refused')?.reason ?? null,
      openReports: (reports ?? []).map(parseReport),
    };
  });
}

/** Reads one account; returns null if it does not exist. */
export async function readSummary(database: Queryable, id: string): Promise<AccountSummary | null> {
  const [summary] = await readSummaries(database, [id]);
  return summary ?? null;
}
