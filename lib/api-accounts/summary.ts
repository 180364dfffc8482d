import { desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { describeReport, openReports } from '#lib/api-accounts/contact-changes/list-reports.ts';
import { ATTEMPTS_PER_LINK } from '#lib/key-delivery/reveal/limits.ts';
import { describeNoticeProblem, describeProblem, findNoticeProblem, troubles } from './delivery-problems.ts';
import type { AccountSummary } from './schema.ts';
import { statusOf } from './status.ts';

const columns = {
  id: apiAccounts.id,
  username: apiAccounts.username,
  usernameFolded: apiAccounts.usernameFolded,
  email: apiAccounts.email,
  phone: apiAccounts.phone,
  active: apiAccounts.active,
  version: apiAccounts.version,
  requestsPerMinute: apiAccounts.requestsPerMinute,
  hasKey: sql<boolean>`${apiAccounts.keyDigest} is not null`,
  lastUsedAt: apiAccountUsage.lastUsedAt,
  revealLocked: sql<boolean>`coalesce(${reveals.endedBecause} = 'locked' or ${reveals.linkTries} >= ${ATTEMPTS_PER_LINK}, false)`,
  revealExpired: sql<boolean>`coalesce(${reveals.expiresAt} <= now(), false)`,
  revealEnded: sql<boolean>`coalesce(${reveals.endedAt} is not null, true)`,
  troubles,
  findNoticeProblem,
  openReports,
};

/** An account's summary with what the list is ordered by. */
export type SummaryRow = { summary: AccountSummary; usernameFolded: string };

/** Reads accounts for the administrators' pages, in the order of their usernames. */
export async function readSummaries(
  database: Queryable,
  where: SQL | undefined,
  page: { limit: number; backwards?: boolean },
): Promise<SummaryRow[]> {
  const rows = await database
    .select(columns)
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .leftJoin(reveals, eq(reveals.id, apiAccounts.revealId))
    .where(where)
    .orderBy(page.backwards ? desc(apiAccounts.usernameFolded) : apiAccounts.usernameFolded)
    .limit(page.limit);
  return rows.map((row) => {
    const {
      usernameFolded,
      hasKey,
      revealLocked,
      revealExpired,
      revealEnded,
      troubles: trouble,
      findNoticeProblem: notice,
      openReports: objected,
      ...rest
    } = row;
    const summary = {
      ...rest,
      status: statusOf({ active: row.active, hasKey, revealLocked, revealExpired }),
      revealUnderWay: !revealEnded && !revealLocked && !revealExpired,
      deliveryFailures: [
        ...(trouble ?? []).filter(({ what }) => what !== 'refused').map(describeProblem),
        ...(notice ? [describeNoticeProblem(notice)] : []),
      ],
      textRefused: trouble?.find(({ what }) => what === 'refused')?.reason ?? null,
      openReports: (objected ?? []).map(describeReport),
    };
    return { summary, usernameFolded };
  });
}

/** One account; null where there is none with this id. */
export async function readSummary(database: Queryable, id: string): Promise<AccountSummary | null> {
  const [row] = await readSummaries(database, eq(apiAccounts.id, id), { limit: 1 });
  return row?.summary ?? null;
}
