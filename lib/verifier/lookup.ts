import type { Connection } from './connection.ts';

export type Account = {
  id: string;
  username: string;
  active: boolean;
  /** Null: the limit from the settings applies. */
  requestsPerMinute: number | null;
};

type Row = {
  sequence: number;
  position: number | null;
  id: string;
  username: string;
  active: boolean;
  rpm: number;
};

/** A hexadecimal digest that belongs to no key. */
export const UNASSIGNED_DIGEST = '0'.repeat(64);

/**
 * The statement is planned once, not for each batch, so the plan must not depend on how many accounts existed then.
 * `lateral` with `offset 0` forces one lookup per digest, and `enable_seqscan` forces the index.
 */
export const LOOKUP_SESSION = { enable_seqscan: 'off', plan_cache_mode: 'force_generic_plan', jit: 'off' };

/**
 * Finds the accounts whose current keys have these digests. Returns them in the same order, with null for no match.
 *
 * One statement looks up all digests. It is sent after this call, and PostgreSQL takes its snapshot on arrival. So the
 * result includes everything that was committed before the call.
 * @param digests SHA-256, in hexadecimal
 */
export async function findAccounts(connection: Connection, digests: string[]): Promise<(Account | null)[]> {
  const sequence = connection.nextSequence();
  const requested = `{\\\\x${digests.join(',\\\\x')}}`;
  const rows = await connection.sql<Row[]>`
    select ${sequence}::int4 as sequence, found.*
    from (values (1)) as one
    left join (
      select requested.position::int4, account.*
      from unnest(${requested}::text::bytea[]) with ordinality as requested (digest, position)
      cross join lateral (
        select id, username, active, requests_per_minute as rpm
        from api_accounts where key_digest = requested.digest offset 0
      ) as account
    ) as found on true`;
  const accounts = new Array<Account | null>(digests.length).fill(null);
  connection.checkSequence(rows[0], sequence);
  for (const { position, id, username, active, rpm } of rows) {
    if (position !== null) accounts[position - 1] = { id, username, active, requestsPerMinute: rpm };
  }
  return accounts;
}

/**
 * Runs the first statements on a lookup connection: rejects a stale standby, and prepares the lookup.
 *
 * After a crash, a standby accepts reads as soon as its files are consistent. It may then lack transactions that it
 * had already shown. It has replayed all of them when it requests more WAL from the primary; until then,
 * `pg_last_wal_receive_lsn()` is null.
 * @throws if the server is such a standby; it is retried like one that cannot be reached
 */
export async function warmUpLookups(connection: Connection): Promise<void> {
  const [row] = await connection.sql<{ behind: boolean }[]>`
    select pg_is_in_recovery() and pg_last_wal_receive_lsn() is null as behind`;
  if (row?.behind !== false) throw new Error('the standby has not replayed all the WAL it had received');
  await findAccounts(connection, [UNASSIGNED_DIGEST]);
}
