import { eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { oldKeyColumns, toOldKey } from '#lib/key-delivery/previous-key.ts';
import type { Actor } from '#lib/platform/authorization/actor.ts';
import { composeTimeline } from './compose.ts';
import { readFirstUses } from './first-use.ts';
import { readAuditEvents, readMessages, readOpenings, readReports, readReveals } from './read-rows.ts';
import type { AccountTimeline } from './schema.ts';

/** The current key delivery and ten earlier ones. */
const MAX_KEY_DELIVERIES = 11;

/**
 * Reads the timeline of an account's key deliveries; returns null if the account does not exist.
 * Runs only a few short queries, because open pages poll it every few seconds.
 */
export async function readTimeline(
  database: Database,
  _actor: Actor<'accounts:read'>,
  { id }: { id: string },
): Promise<AccountTimeline | null> {
  const [account] = await database
    .select({ readAt: sql<number>`(extract(epoch from now()) * 1000)::float8`, ...oldKeyColumns })
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .where(eq(apiAccounts.id, id));
  if (!account) return null;
  const readAt = new Date(account.readAt);
  const oldKey = toOldKey(account);
  // Reads one reveal more than it returns: the key of that reveal may have been in use when the next one started.
  const recentReveals = await readReveals(database, id, MAX_KEY_DELIVERIES + 1);
  const returnedReveals = recentReveals.slice(0, MAX_KEY_DELIVERIES);
  const oldest = returnedReveals.at(-1);
  if (!oldest) {
    const rows = { readAt, reveals: [], messages: [], reports: [], openings: [], auditEvents: [] };
    return { ...composeTimeline(rows), oldKey };
  }
  const ids = returnedReveals.map((reveal) => reveal.id);
  const since = sql`${oldest.createdAt.toISOString()}::timestamptz`;
  const [messages, reports, openings, auditEvents, firstUses] = await Promise.all([
    readMessages(database, ids),
    readReports(database, ids),
    readOpenings(database, ids),
    readAuditEvents(database, id, ids, since),
    readFirstUses(database, id, recentReveals.toReversed()),
  ]);
  const reveals = returnedReveals.map((reveal) => ({
    ...reveal,
    firstUse: firstUses.get(reveal.id) ?? null,
  }));
  return { ...composeTimeline({ readAt, reveals, messages, reports, openings, auditEvents }), oldKey };
}
