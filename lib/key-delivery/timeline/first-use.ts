import { sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountDays, apiAccountMinutes } from '#db/schema/api-account-usage.ts';
import type { FirstUse, RevealRow } from './rows.ts';

type Reveal = Pick<RevealRow, 'id' | 'createdAt' | 'endedAt' | 'endReason'>;
/**
 * The time in which all requests counted for the account used one key. `to` is exclusive, and null if the span has not
 * ended.
 */
type KeySpan = { id: string; from: Date; to: Date | null };

const UNIT_MS = { minute: 60_000, day: 24 * 60 * 60_000 } as const;
type Unit = keyof typeof UNIT_MS;

/** Returns the start of the time's minute or day (UTC), plus `offset` units. */
function getUnitStart(at: Date, unit: Unit, offset = 0): Date {
  return new Date((Math.floor(at.getTime() / UNIT_MS[unit]) + offset) * UNIT_MS[unit]);
}

const getShownAt = ({ endedAt, endReason }: Reveal) => (endReason === 'shown' ? endedAt : null);

function areInSameUnit(one: Date | null | undefined, other: Date | null | undefined, unit: Unit): boolean {
  return !!one && !!other && getUnitStart(one, unit).getTime() === getUnitStart(other, unit).getTime();
}

/**
 * Computes the span of each key that was shown.
 *
 * Verifiers count the requests of the current and of the previous key of an account, but not of each key. A key's span
 * therefore runs from the minute (or day) in which it was shown to the one in which the next key delivery started, after
 * which it was the previous key at most. A minute in which two keys were current is in neither span, because its requests
 * cannot be attributed to a key.
 * @param reveals oldest first
 */
export function computeKeySpans(reveals: Reveal[], unit: Unit): KeySpan[] {
  return reveals.flatMap((reveal, index) => {
    const shownAt = getShownAt(reveal);
    if (!shownAt) return [];
    const previousIndex = reveals.slice(0, index).findLastIndex(getShownAt);
    const previousRevokedAt = previousIndex < 0 ? null : reveals[previousIndex + 1]?.createdAt;
    const isStartShared = areInSameUnit(previousRevokedAt, shownAt, unit);
    const from = getUnitStart(shownAt, unit, isStartShared ? 1 : 0);
    const revokedAt = reveals[index + 1]?.createdAt;
    const nextShown = reveals.slice(index + 1).find(getShownAt);
    const isEndShared = nextShown && areInSameUnit(revokedAt, getShownAt(nextShown), unit);
    return [
      { id: reveal.id, from, to: revokedAt ? getUnitStart(revokedAt, unit, isEndShared ? 0 : 1) : null },
    ];
  });
}

/**
 * Reads when a verifier first accepted each key that was shown. Returns a map by reveal id.
 * Precise to the minute for the last month, to the day before that.
 * @param reveals the account's reveals, oldest first
 */
export async function readFirstUses(
  database: Queryable,
  accountId: string,
  reveals: Reveal[],
): Promise<Map<string, FirstUse>> {
  const minutes = JSON.stringify(computeKeySpans(reveals, 'minute'));
  const days = JSON.stringify(computeKeySpans(reveals, 'day'));
  const { rows } = await database.execute<{ id: string; unit: Unit; at: number }>(sql`
    select span.id, 'minute' as unit, (extract(epoch from used.minute) * 1000)::float8 as at
      from json_to_recordset(${minutes}::text::json) as span (id uuid, "from" timestamptz, "to" timestamptz)
      cross join lateral (select minute from ${apiAccountMinutes} where account_id = ${accountId}
        and allowed > allowed_previous and minute >= span."from" and minute < coalesce(span."to", 'infinity')
        order by minute limit 1) as used
    union all
    select span.id, 'day', (extract(epoch from used.day::timestamp) * 1000)::float8
      from json_to_recordset(${days}::text::json) as span (id uuid, "from" timestamptz, "to" timestamptz)
      cross join lateral (select day from ${apiAccountDays} where account_id = ${accountId}
        and allowed > allowed_previous and day >= (span."from" at time zone 'UTC')::date
        and day < coalesce((span."to" at time zone 'UTC')::date, 'infinity') order by day limit 1) as used
    order by at desc`);
  // The earliest row comes last and overwrites the others.
  return new Map(rows.map(({ id, unit, at }) => [id, { at: new Date(at), unit }]));
}
