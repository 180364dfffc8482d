import { eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { reveals } from '#db/schema/reveals.ts';
import type { FirstRequestResult } from './schema.ts';
import { readShownKey } from './shown-key.ts';

const formatIso = (value: unknown) =>
  sql<string>`to_char((${value}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Returns the database's time, ISO 8601. */
export async function readNow(database: Database): Promise<string> {
  const { rows } = await database.execute<{ now: string }>(sql`select ${formatIso(sql`now()`)} as now`);
  return rows[0]?.now ?? '';
}

/**
 * Returns when a verifier last allowed a request with the key that a page shows. Requests with the account's earlier key
 * do not count, even if it still works: verifiers record the uses of the current and of the previous key separately.
 */
export async function readFirstRequest(
  database: Database,
  { pageToken }: { pageToken: string },
): Promise<FirstRequestResult> {
  const shownKey = await readShownKey(database, pageToken);
  if (!shownKey?.isCurrent) return { ok: false, reason: 'invalid_link' };
  const [row] = await database
    .select({
      now: formatIso(sql`now()`),
      lastRequestAt: sql<string | null>`case when ${apiAccountUsage.currentKeyUsedAt} > ${reveals.endedAt}
        then ${formatIso(apiAccountUsage.currentKeyUsedAt)} end`,
    })
    .from(reveals)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, reveals.accountId))
    .where(eq(reveals.id, shownKey.revealId));
  return row ? { ok: true, ...row } : { ok: false, reason: 'invalid_link' };
}
