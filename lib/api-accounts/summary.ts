import { desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { openReports, parseReport } from '#lib/api-accounts/contact-changes/open-reports.ts';
import { ATTEMPTS_PER_LINK } from '#lib/key-delivery/reveal/limits.ts';
import {
  describeNoticeProblem,
  describeProblem,
  noticeProblemRow,
  problemRows,
} from './delivery-problems.ts';
import type { AccountSummary } from './schema.ts';
import { deriveStatus } from './status.ts';

const columns = {
  id: apiAccounts.id,
  username: apiAccounts.username,
  usernameFolded: apiAccounts.usernameFolded,
  email: apiAccounts.email,
  phone: apiAccounts.phone,
  active: apiAccounts.active,
  version: apiAccounts.version,
  revealId: apiAccounts.revealId,
  requestsPerMinute: apiAccounts.requestsPerMinute,
  hasKey: sql<boolean>`${apiAccounts.keyDigest} is not null`,
  lastUsedAt: apiAccountUsage.lastUsedAt,
  isRevealLocked: sql<boolean>`coalesce(${reveals.endReason} = 'locked' or ${reveals.linkAttempts} >= ${ATTEMPTS_PER_LINK}, false)`,
  isRevealExpired: sql<boolean>`coalesce(${reveals.expiresAt} <= now(), false)`,
  hasRevealEnded: sql<boolean>`coalesce(${reveals.endedAt} is not null, true)`,
  problems: problemRows,
  noticeProblem: noticeProblemRow,
  reports: openReports,
};

/** An account's summary, with the folded username, by which accounts are sorted. */
export type SummaryRow = { summary: AccountSummary; usernameFolded: string };

/** Reads accounts for the settings pages, sorted by username. */
export async function readSummaries(
  database: Queryable,
  where: SQL | undefined,
  page: { limit: number; isBackwards?: boolean },
): Promise<SummaryRow[]> {
  const rows = await database
    .select(columns)
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .leftJoin(reveals, eq(reveals.id, apiAccounts.revealId))
    .where(where)
    .orderBy(page.isBackwards ? desc(apiAccounts.usernameFolded) : apiAccounts.usernameFolded)
    .limit(page.limit);
  return rows.map((row) => {
    const {
      usernameFolded,
      isRevealLocked,
      isRevealExpired,
      hasRevealEnded,
      problems,
      noticeProblem,
      reports,
      ...rest
    } = row;
    const summary = {
      ...rest,
      status: deriveStatus({ active: row.active, hasKey: row.hasKey, isRevealLocked, isRevealExpired }),
      isRevealOpen: !hasRevealEnded && !isRevealLocked && !isRevealExpired,
      deliveryProblems: [
        ...(problems ?? []).filter(({ status }) => status !== 'refused').map(describeProblem),
        ...(noticeProblem ? [describeNoticeProblem(noticeProblem)] : []),
      ],
      smsBlockedReason: problems?.find(({ status }) => status === 'refused')?.reason ?? null,
      openReports: (reports ?? []).map(parseReport),
    };
    return { summary, usernameFolded };
  });
}

/** Reads one account; returns null if it does not exist. */
export async function readSummary(database: Queryable, id: string): Promise<AccountSummary | null> {
  const [row] = await readSummaries(database, eq(apiAccounts.id, id), { limit: 1 });
  return row?.summary ?? null;
}
