import type { Connection } from './connection.ts';

export type Account = {
  id: string;
  username: string;
  active: boolean;
  /** Null: what the settings say. */
  requestsPerMinute: number | null;
};

type Row = {
  question: number;
  place: number | null;
  id: string;
  username: string;
  active: boolean;
  rpm: number;
};

/** A digest that no key has, in hexadecimal. */
export const NOBODY = '0'.repeat(64);

/**
 * The statement below is planned once, not for each batch. So the plan must not depend on how many accounts there were
 * at that moment: `lateral` with `offset 0` leaves the planner no other way than to look up one digest after the
 * other, and `enable_seqscan` none but the index.
 */
export const LOOKUP_SESSION = { enable_seqscan: 'off', plan_cache_mode: 'force_generic_plan', jit: 'off' };

/**
 * The accounts whose present keys have these digests, in their order; null where there is none.
 *
 * One statement for all of them: it is sent after this call, and PostgreSQL takes its snapshot when it gets there.
 * So whatever had been committed before the call is seen for each digest, and nothing that was read earlier is
 * ever used.
 * @param digests SHA-256, in hexadecimal
 */
export async function findAccounts(connection: Connection, digests: string[]): Promise<(Account | null)[]> {
  const question = connection.nextQuestion();
  const asked = `{\\\\x${digests.join(',\\\\x')}}`;
  const rows = await connection.sql<Row[]>`
    select ${question}::int4 as question, found.*
    from (values (1)) as one
    left join (
      select asked.place::int4, account.*
      from unnest(${asked}::text::bytea[]) with ordinality as asked (digest, place)
      cross join lateral (
        select id, username, active, requests_per_minute as rpm
        from api_accounts where key_digest = asked.digest offset 0
      ) as account
    ) as found on true`;
  const accounts = new Array<Account | null>(digests.length).fill(null);
  connection.check(rows[0], question);
  for (const { place, id, username, active, rpm } of rows) {
    if (place !== null) accounts[place - 1] = { id, username, active, requestsPerMinute: rpm };
  }
  return accounts;
}

/**
 * The first question on a connection for lookups; it also prepares their statement.
 *
 * A standby that was killed opens for reading once its files are consistent, which may be before it has replayed all
 * that it had shown: for a while it would answer as before acts that were answered long ago. It has replayed it all
 * when it asks for more than it had received, and `pg_last_wal_receive_lsn()` is null until then.
 * @throws where the server is such a standby: it is tried again, as one that cannot be reached
 */
export async function openForLookups(connection: Connection): Promise<void> {
  const [row] = await connection.sql<{ behind: boolean }[]>`
    select pg_is_in_recovery() and pg_last_wal_receive_lsn() is null as behind`;
  if (row?.behind !== false) throw new Error('the standby has yet to replay what it had received');
  await findAccounts(connection, [NOBODY]);
}
