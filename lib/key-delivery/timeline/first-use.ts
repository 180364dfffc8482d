import { sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountDays, apiAccountMinutes } from '#db/schema/api-account-usage.ts';
import type { FirstUse, RevealFact } from './facts.ts';

type Reveal = Pick<RevealFact, 'id' | 'createdAt' | 'endedAt' | 'endedBecause'>;
/** From when to when what was counted for the account is the use of one key; `to` null: until now. */
type Span = { id: string; from: Date; to: Date | null };

const UNITS = { minute: 60_000, day: 24 * 60 * 60_000 } as const;
type Unit = keyof typeof UNITS;

/** When the minute or day (in UTC) began that a time lies in, or the one after. */
function beginning(at: Date, unit: Unit, after = 0): Date {
  return new Date((Math.floor(at.getTime() / UNITS[unit]) + after) * UNITS[unit]);
}

const shownAt = ({ endedAt, endedBecause }: Reveal) => (endedBecause === 'shown' ? endedAt : null);

function isSame(one: Date | null | undefined, other: Date | null | undefined, unit: Unit): boolean {
  return !!one && !!other && beginning(one, unit).getTime() === beginning(other, unit).getTime();
}

/**
 * The verifiers count for the account, whichever key it was. So a key's own time runs from the minute in which it was
 * shown to the one in which the next hand-over began. Where the key before could still be used in that first minute,
 * or the next key in that last one, nobody knows whose use was counted: that minute is left out.
 * @param reveals oldest first
 */
export function keySpans(reveals: Reveal[], unit: Unit): Span[] {
  return reveals.flatMap((reveal, index) => {
    const shown = shownAt(reveal);
    if (!shown) return [];
    const lastKey = reveals.slice(0, index).findLastIndex(shownAt);
    const lastKeyDied = lastKey < 0 ? null : reveals[lastKey + 1]?.createdAt;
    const next = reveals[index + 1]?.createdAt;
    const nextKey = reveals.slice(index + 1).find(shownAt);
    const from = beginning(shown, unit, isSame(lastKeyDied, shown, unit) ? 1 : 0);
    const isShared = nextKey && isSame(next, shownAt(nextKey), unit);
    return [{ id: reveal.id, from, to: next ? beginning(next, unit, isShared ? 0 : 1) : null }];
  });
}

/**
 * When each key that was shown was first let through by a verifier: to the minute, after a month to the day.
 * @param reveals of the account, oldest first
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
  // The earliest comes last, and stays.
  return new Map(rows.map(({ id, unit, at }) => [id, { at: new Date(at), unit }]));
}
