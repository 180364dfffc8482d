import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { expiryReminders, overviews } from '#db/schema/expiry.ts';
import { reveals } from '#db/schema/reveals.ts';
import { isReminderCurrent } from '#lib/api-accounts/expiry/prepare-expiry-reminder.ts';
import type { AccountTab } from '#lib/api-accounts/list-filter.ts';
import { selectUnusedAccounts } from '#lib/api-accounts/select-unused.ts';
import { readAdministratorEmail } from '#lib/identity/users/administrators.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/queued-message.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** How many accounts an overview names. It has a link to all of them. */
const MAX_NAMED = 20;

/** An account that expires soon. */
export type ExpiringAccount = { username: string; expiresAt: Date };
/** An unused account. `lastUsedAt`: null if its key was never used; `startedAt`: when the key delivery began. */
export type UnusedAccount = {
  username: string;
  isCollected: boolean;
  lastUsedAt: Date | null;
  startedAt: Date | null;
};

type Overview = {
  to: string;
  /** The number of all accounts, also those that are not named. */
  total: number;
  /** The list of these accounts. */
  link: string;
};

/** The data that an overview is rendered from. */
export type OverviewMessage =
  | (Overview & { kind: 'expiry_overview'; accounts: ExpiringAccount[] })
  | (Overview & { kind: 'unused_overview'; accounts: UnusedAccount[] });

const buildListLink = (status: AccountTab) =>
  `${settings().publicUrl}/settings/users/api-accounts?status=${status}`;

/** Column for a query with a limit: the number of rows without it. */
const total = sql<number>`count(*) over ()::int`;

/** Reads the accounts that an overview lists, unless they were extended, deactivated or deleted since then. */
async function readExpiring(transaction: Transaction, overviewId: string) {
  const rows = await transaction
    .select({ username: apiAccounts.username, expiresAt: expiryReminders.expiresAt, total })
    .from(expiryReminders)
    .innerJoin(apiAccounts, eq(apiAccounts.id, expiryReminders.accountId))
    .where(and(eq(expiryReminders.overviewId, overviewId), isReminderCurrent))
    .orderBy(asc(expiryReminders.expiresAt), asc(apiAccounts.usernameFolded))
    .limit(MAX_NAMED);
  const accounts = rows.map(({ username, expiresAt }) => ({ username, expiresAt }));
  return { accounts, total: rows[0]?.total ?? 0, link: buildListLink('expiring') };
}

/** Reads the accounts that are unused now. */
async function readUnused(transaction: Transaction) {
  const rows = await transaction
    .select({
      username: apiAccounts.username,
      isCollected: sql<boolean>`${apiAccounts.keyDigest} is not null`,
      lastUsedAt: apiAccountUsage.lastUsedAt,
      startedAt: reveals.createdAt,
      total,
    })
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .leftJoin(reveals, eq(reveals.id, apiAccounts.revealId))
    .where(inArray(apiAccounts.id, selectUnusedAccounts(transaction)))
    .orderBy(asc(apiAccounts.usernameFolded))
    .limit(MAX_NAMED);
  const accounts = rows.map(({ total: _, ...account }) => account);
  return { accounts, total: rows[0]?.total ?? 0, link: buildListLink('unused') };
}

/**
 * Counts a delivery attempt of an overview, and builds it.
 * @param message.userId the administrator who gets it
 * @returns null if there is nothing to send: the message was sent, abandoned or dropped, or is dropped now, because no
 *   account is left to list, or the recipient is no longer an active administrator
 */
export async function prepareOverview(
  transaction: Transaction,
  { id, overviewId, userId }: { id: string; overviewId: string; userId: string },
): Promise<OverviewMessage | null> {
  const [overview] = await transaction
    .select({ kind: overviews.kind })
    .from(overviews)
    .where(eq(overviews.id, overviewId));
  const locked = await lockMessage(transaction, id);
  if (!overview || !locked) return null;
  const to = await readAdministratorEmail(transaction, userId);
  const content =
    overview.kind === 'expiry'
      ? ({ kind: 'expiry_overview', ...(await readExpiring(transaction, overviewId)) } as const)
      : ({ kind: 'unused_overview', ...(await readUnused(transaction)) } as const);
  if (to === null || content.total === 0) {
    await dropMessage(transaction, locked);
    return null;
  }
  await countAttempt(transaction, locked);
  return { to, ...content };
}
