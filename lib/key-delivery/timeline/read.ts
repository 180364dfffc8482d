import { eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { composeTimeline } from './compose.ts';
import { readFirstUses } from './first-use.ts';
import { readAuditEvents, readMessages, readOpenings, readReports, readReveals } from './read-facts.ts';
import type { AccountTimeline } from './schema.ts';

/** Key deliveries shown: the current one and ten earlier ones. */
const MAX_KEY_DELIVERIES = 11;

/**
 * Reads the timeline of an account's key deliveries; returns null if the account does not exist.
 * Runs a few short queries only, because pages poll it every few seconds.
 */
export async function readTimeline(
  database: Database,
  _administrator: Administrator,
  { id }: { id: string },
): Promise<AccountTimeline | null> {
  const [account] = await database
    .select({ readAt: sql<number>`(extract(epoch from now()) * 1000)::float8` })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, id));
  if (!account) return null;
  const readAt = new Date(account.readAt);
  // Read one more than is shown, to know when an earlier key was still in use.
  const recent = await readReveals(database, id, MAX_KEY_DELIVERIES + 1);
  const shown = recent.slice(0, MAX_KEY_DELIVERIES);
  const oldest = shown.at(-1);
  if (!oldest)
    return composeTimeline({ readAt, reveals: [], messages: [], reports: [], openings: [], auditEvents: [] });
  const ids = shown.map((reveal) => reveal.id);
  const since = sql`${oldest.createdAt.toISOString()}::timestamptz`;
  const [messages, reports, openings, auditEvents, firstUses] = await Promise.all([
    readMessages(database, ids),
    readReports(database, ids),
    readOpenings(database, ids),
    readAuditEvents(database, id, ids, since),
    readFirstUses(database, id, recent.toReversed()),
  ]);
  const reveals = shown.map((reveal) => ({ ...reveal, firstUse: firstUses.get(reveal.id) ?? null }));
  return composeTimeline({ readAt, reveals, messages, reports, openings, auditEvents });
}
