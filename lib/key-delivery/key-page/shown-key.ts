import { and, eq, gt, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken, readLinkToken } from '#lib/platform/signed-tokens/link-token.ts';

/** How long after a key was shown its page may test it. The page hides an unused key much earlier. */
const PAGE_HOURS = 24;

/** The account whose key a page shows. `isCurrent`: whether no newer key delivery has started. */
export type ShownKey = { revealId: string; accountId: string; username: string; isCurrent: boolean };

/**
 * Creates the token with which the page that shows a key tests it and waits for its first request. The caller has shown
 * the key. The link's own token is not enough for that, because others may read the email.
 */
export const createPageToken = (revealId: string) =>
  createLinkToken('keyPage', revealId, settings().authSecret);

/** Reads which key a page shows; null if the token is invalid or older than `PAGE_HOURS`, or if no key was shown. */
export async function readShownKey(database: Queryable, pageToken: string): Promise<ShownKey | null> {
  const revealId = readLinkToken('keyPage', pageToken, settings().authSecret);
  if (!revealId) return null;
  const [row] = await database
    .select({
      accountId: apiAccounts.id,
      username: apiAccounts.username,
      isCurrent: sql<boolean>`${apiAccounts.revealId} = ${reveals.id}`,
    })
    .from(reveals)
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(
      and(
        eq(reveals.id, revealId),
        eq(reveals.endReason, 'shown'),
        gt(reveals.endedAt, sql`now() - make_interval(hours => ${PAGE_HOURS})`),
      ),
    );
  return row ? { revealId, ...row } : null;
}
