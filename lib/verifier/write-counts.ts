import type { Connection } from './connection.ts';

/** What one account was answered within seconds. Times are on this process's monotonic clock. */
export type Count = {
  accountId: string;
  /** Of the first of them: which minute they count for. */
  at: number;
  /** Of the last that was let through; null where none was. */
  usedAt: number | null;
  allowed: number;
  inactive: number;
  limited: number;
};

export type Written = { writer: string; number: number; counts: readonly Count[] };

/** An array in PostgreSQL's own notation, of what needs no quotes. */
const list = (values: (string | number)[]) => `{${values.join(',')}}`;

/**
 * Adds counts to their accounts' minutes, and notes when each account was last used: in one statement, by the
 * database's clock (only ages are sent), and once for each number of a writer, however often it is sent.
 *
 * In the order of the accounts' ids, so that two verifiers do not wait for each other in a circle.
 */
export async function writeCounts(
  connection: Connection,
  { writer, number, counts }: Written,
): Promise<void> {
  const now = performance.now();
  const ago = (at: number | null) => (at === null ? 'NULL' : Math.round(now - at));
  const question = connection.nextQuestion();
  const [row] = await connection.sql<{ question: number }[]>`
    with fresh as (
      insert into usage_flushes as last (writer, flush)
      values (${writer}::text::uuid, ${number}::int4)
      on conflict (writer) do update set flush = excluded.flush, at = now() where last.flush < excluded.flush
      returning flush
    ), counted as (
      select entry.*
      from fresh, unnest(
        ${list(counts.map(({ accountId }) => accountId))}::text::uuid[],
        ${list(counts.map(({ at }) => ago(at)))}::text::int8[],
        ${list(counts.map(({ usedAt }) => ago(usedAt)))}::text::int8[],
        ${list(counts.map(({ allowed }) => allowed))}::text::int4[],
        ${list(counts.map(({ inactive }) => inactive))}::text::int4[],
        ${list(counts.map(({ limited }) => limited))}::text::int4[]
      ) as entry (account_id, ago, used_ago, allowed, inactive, limited)
    ), used as (
      insert into api_account_usage as present (account_id, last_used_at)
      select account_id, now() - min(used_ago) * interval '1 millisecond'
      from counted where used_ago is not null
      group by account_id order by account_id
      on conflict (account_id) do update
      set last_used_at = greatest(present.last_used_at, excluded.last_used_at)
    ), added as (
      insert into api_account_minutes as present (account_id, minute, allowed, inactive, limited)
      select account_id, date_trunc('minute', now() - ago * interval '1 millisecond') as minute,
        sum(allowed), sum(inactive), sum(limited)
      from counted
      group by account_id, minute order by account_id, minute
      on conflict (account_id, minute) do update set
        allowed = present.allowed + excluded.allowed,
        inactive = present.inactive + excluded.inactive,
        limited = present.limited + excluded.limited
    )
    select ${question}::int4 as question`;
  connection.check(row, question);
}
