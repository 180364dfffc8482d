import type { Connection } from './connection.ts';

export type Account = {
  id: string;
  username: string;
  /** Null: neither. */
  status: 'inactive' | 'expired' | null;
  /** Null: the limit from the settings applies. */
  requestsPerMinute: number | null;
  /** The names of its scopes, separated by spaces. Null: full access. */
  scopes: string | null;
  /** The names of all scopes of the organisation, separated by spaces; null if it has none. */
  organisationScopes: string | null;
  /** Canonical IP addresses and CIDR ranges from which it is allowed, separated by spaces. Null: from anywhere. */
  networks: string | null;
  /** Whether the key is the account's previous one, which still works. Null: no. */
  isPreviousKey: true | null;
  /** When the key stops working at the latest, ISO 8601; null if it has no end. */
  keyExpiresAt: string | null;
  /**
   * Whether the use of the key ends the previous one. Null: no. On a standby also if that has ended already, until the
   * worker has recorded it: another standby may not show the end yet.
   */
  endsPreviousKey: true | null;
};

/**
 * A found account. Most of its columns are null, which costs the driver little. If none was found, there is one row in which
 * all but `sequence` is null.
 */
type Row = Account & {
  sequence: number;
  /** Index of the digest, from 1. */
  position: number | null;
};

/** A hexadecimal digest that belongs to no key. */
export const UNASSIGNED_DIGEST = '0'.repeat(64);

/**
 * PostgreSQL parameters of lookup connections. The statement is planned once per connection, so the plan must not depend
 * on how many accounts existed at that time: `enable_seqscan` forces the indexes, and `lateral` with `limit 1` in the
 * statement forces an index lookup per digest.
 */
export const LOOKUP_SESSION = { enable_seqscan: 'off', plan_cache_mode: 'force_generic_plan', jit: 'off' };

/**
 * Finds the accounts whose current or previous keys have these digests. Returns them in the same order, with null for no
 * match.
 *
 * One statement looks up all digests. It is sent after this call, and PostgreSQL takes a snapshot when it arrives. So the
 * result includes everything that was committed before the call. A current key takes one index lookup: with `limit 1`,
 * PostgreSQL looks for a previous key only if it has not found a current one (docs/decisions/014-previous-keys.md).
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
      from (
        select string_agg(name, ' ' order by name) as scopes from scopes where retired_at is null
      ) as organisation
      cross join unnest(${requested}::text::bytea[]) with ordinality as requested (digest, position)
      cross join lateral (
        select id, username,
          case when not active then 'inactive' when expires_at <= now() then 'expired' end as status,
          requests_per_minute as "requestsPerMinute", array_to_string(api_accounts.scopes, ' ') as scopes,
          organisation.scopes as "organisationScopes", array_to_string(allowed_networks, ' ') as networks,
          null::boolean as "isPreviousKey",
          to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "keyExpiresAt",
          nullif(previous_key_ends_on = 'first_use' and previous_key_expires_at > now()
            and (previous_key_digest is not null or pg_is_in_recovery()), false) as "endsPreviousKey"
        from api_accounts where key_digest = requested.digest
        union all
        select id, username, case when not active then 'inactive' when expires_at <= now() then 'expired' end,
          requests_per_minute, array_to_string(api_accounts.scopes, ' '), organisation.scopes,
          array_to_string(allowed_networks, ' '), true,
          to_char(least(previous_key_expires_at, expires_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), null
        from api_accounts where previous_key_digest = requested.digest and previous_key_expires_at > now()
        limit 1
      ) as account
    ) as found on true`;
  const accounts = new Array<Account | null>(digests.length).fill(null);
  connection.checkSequence(rows[0], sequence);
  for (const row of rows) if (row.position !== null) accounts[row.position - 1] = row;
  return accounts;
}

/**
 * Runs the first statements on a lookup connection: rejects a standby that is behind, and prepares the lookup.
 *
 * After a crash, a standby accepts reads as soon as its files are consistent. At that time, it may lack transactions that
 * clients had already seen on it. It has replayed all of them when it requests more WAL from the primary. Until then,
 * `pg_last_wal_receive_lsn()` is null.
 * @throws if the server is such a standby; the caller retries as if the server could not be reached
 */
export async function warmUpLookups(connection: Connection): Promise<void> {
  const [row] = await connection.sql<{ isBehind: boolean }[]>`
    select pg_is_in_recovery() and pg_last_wal_receive_lsn() is null as "isBehind"`;
  if (row?.isBehind !== false) throw new Error('the standby has not replayed all the WAL it had received');
  await findAccounts(connection, [UNASSIGNED_DIGEST]);
}
