import { and, asc, gt, isNull, lt, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { readAdministratorEmail } from '#lib/identity/users/administrators.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/queued-message.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** How many tokens the email names. It has a link to all of them. */
const MAX_NAMED = 20;

/** The data that the email about access tokens that expire soon is rendered from. */
export type TokenOverviewMessage = {
  kind: 'token_overview';
  to: string;
  tokens: { name: string; expiresAt: Date; lastUsedAt: Date | null }[];
  /** The number of all such tokens, also those that are not named. */
  total: number;
  link: string;
};

/** Reads the tokens that expire within 15 days: a reminder is due 14 days before the last day. */
async function readExpiring(transaction: Transaction) {
  const rows = await transaction
    .select({
      name: accessTokens.name,
      expiresAt: accessTokens.expiresAt,
      lastUsedAt: accessTokens.lastUsedAt,
      total: sql<number>`count(*) over ()::int`,
    })
    .from(accessTokens)
    .where(
      and(
        isNull(accessTokens.revokedAt),
        gt(accessTokens.expiresAt, sql`now()`),
        lt(accessTokens.expiresAt, sql`now() + interval '15 days'`),
      ),
    )
    .orderBy(asc(accessTokens.expiresAt), asc(accessTokens.id))
    .limit(MAX_NAMED);
  return { tokens: rows.map(({ total: _, ...token }) => token), total: rows[0]?.total ?? 0 };
}

/**
 * Counts a delivery attempt of the email about access tokens that expire soon, and builds it.
 * @returns null if there is nothing to send: the message was sent, abandoned or dropped, or is dropped now, because no
 *   token is left to list, or the recipient is no longer an active administrator
 */
export async function prepareTokenOverview(
  transaction: Transaction,
  { id, userId }: { id: string; userId: string },
): Promise<TokenOverviewMessage | null> {
  const locked = await lockMessage(transaction, id);
  if (!locked) return null;
  const to = await readAdministratorEmail(transaction, userId);
  const content = await readExpiring(transaction);
  if (to === null || content.total === 0) {
    await dropMessage(transaction, locked);
    return null;
  }
  await countAttempt(transaction, locked);
  const link = `${settings().publicUrl}/settings/access-tokens`;
  return { kind: 'token_overview', to, ...content, link };
}
