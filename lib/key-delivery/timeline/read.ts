import { eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { composeTimeline } from './compose.ts';
import { readFirstUses } from './first-use.ts';
import { readAuditEvents, readMessages, readOpenings, readReports, readReveals } from './read-facts.ts';
import type { AccountTimeline } from './schema.ts';

/** The present hand-over and ten earlier ones are shown. */
const HAND_OVERS = 11;

/**
 * An account's hand-overs, each with all that is known of it; null where there is no such account. It reads and no
 * more, a few short statements, so that a page may ask for it every few seconds.
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
  // One more than is shown: whether a key was there before the oldest of them.
  const known = await readReveals(database, id, HAND_OVERS + 1);
  const shown = known.slice(0, HAND_OVERS);
  const oldest = shown.at(-1);
  if (!oldest)
    return composeTimeline({ readAt, reveals: [], messages: [], reports: [], openings: [], acts: [] });
  const ids = shown.map((reveal) => reveal.id);
  const since = sql`${oldest.createdAt.toISOString()}::timestamptz`;
  const [messages, reports, openings, acts, firstUses] = await Promise.all([
    readMessages(database, ids),
    readReports(database, ids),
    readOpenings(database, ids),
    readAuditEvents(database, id, ids, since),
    readFirstUses(database, id, known.toReversed()),
  ]);
  const reveals = shown.map((reveal) => ({ ...reveal, firstUse: firstUses.get(reveal.id) ?? null }));
  return composeTimeline({ readAt, reveals, messages, reports, openings, acts });
}
