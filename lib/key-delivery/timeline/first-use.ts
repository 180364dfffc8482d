import { sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountDays, apiAccountMinutes } from '#db/schema/api-account-usage.ts';
import type { FirstUse, RevealFact } from './facts.ts';

type Reveal = Pick<RevealFact, 'id' | 'createdAt' | 'endedAt' | 'endReason'>;
/** The time in which all requests counted for the account used one key. `to` is null if it has not ended. */
type Span = { id: string; from: Date; to: Date | null };

const UNITS = { minute: 60_000, day: 24 * 60 * 60_000 } as const;
type Unit = keyof typeof UNITS;

/** Returns the start of the time's minute or day (UTC), plus `offset` units. */
function startOf(at: Date, unit: Unit, offset = 0): Date {
  return new Date((Math.floor(at.getTime() / UNITS[unit]) + offset) * UNITS[unit]);
}

const shownAt = ({ endedAt, endReason }: Reveal) => (endReason === 'shown' ? endedAt : null);

function isSameUnit(one: Date | null | undefined, other: Date | null | undefined, unit: Unit): boolean {
  return !!one && !!other && startOf(one, unit).getTime() === startOf(other, unit).getTime();
}

/**
 * Returns the span of each key that was shown.
 *
 * Verifiers count requests per account, not per key. A key's span therefore runs from the minute (or day) in which
 * it was shown to the one in which the next key delivery started. A minute in which two keys were valid is left out,
 * because its requests cannot be attributed.
 * @param reveals oldest first
 */
export function keySpans(reveals: Reveal[], unit: Unit): Span[] {
  return reveals.flatMap((reveal, index) => {
    const shown = shownAt(reveal);
    if (!shown) return [];
    const previousKey = reveals.slice(0, index).findLastIndex(shownAt);
    const previousKeyRevokedAt = previousKey < 0 ? null : reveals[previousKey + 1]?.createdAt;
    const next = reveals[index + 1]?.createdAt;
    const nextKey = reveals.slice(index + 1).find(shownAt);
    const from = startOf(shown, unit, isSameUnit(previousKeyRevokedAt, shown, unit) ? 1 : 0);
    const isShared = nextKey && isSameUnit(next, shownAt(nextKey), unit);
    return [{ id: reveal.id, from, to: next ? startOf(next, unit, isShared ? 0 : 1) : null }];
  });
}

/**
 * Reads when a verifier first accepted each key that was shown, by reveal id.
 * Precise to the minute for the last month, to the day before that.
 * @param reveals the account's reveals, oldest first
 */
export async function readFirstUses(
  database: Queryable,
  accountId: string,
  reveals: Reveal[],
): Promise<Map<string, FirstUse>> {
  const minutes = JSON.stringify(keySpans(reveals, 'minute'));
  const days = JSON.stringify(keySpans(reveals, 'day'));
  const { rows } = await database.execute<{ id: string; unit: Unit; at: number }>(sql`
    select span.id, 'minute' as unit, (extract(epoch from used.minute) * 1000)::float8 as at
      from json_to_recordset(${minutes}::text::json) as span (id uuid, "from" timestamptz, "to" timestamptz)
      cross join lateral (select minute from ${apiAccountMinutes} where account_id = ${accountId} and allowed > 0
        and minute >= span."from" and minute < coalesce(span."to", 'infinity') order by minute limit 1) as used
    union all
    select span.id, 'day', (extract(epoch from used.day::timestamp) * 1000)::float8
      from json_to_recordset(${days}::text::json) as span (id uuid, "from" timestamptz, "to" timestamptz)
      cross join lateral (select day from ${apiAccountDays} where account_id = ${accountId} and allowed > 0
        and day >= (span."from" at time zone 'UTC')::date
        and day < coalesce((span."to" at time zone 'UTC')::date, 'infinity') order by day limit 1) as used
    order by at desc`);
  // The earliest row comes last and overwrites the others.
  return new Map(rows.map(({ id, unit, at }) => [id, { at: new Date(at), unit }]));
}
