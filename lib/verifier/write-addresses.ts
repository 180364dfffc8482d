import type { Connection } from './connection.ts';
import type { SeenAddress } from './seen-addresses.ts';
import { formatArray } from './write-counts.ts';

/** How many addresses of each kind are stored for an account, apart from those that one write adds at the same time. */
const MAX_ADDRESSES = 100;

/**
 * Writes the IP addresses of accounts, and when they were last seen. Leaves out a new address of an account with too many,
 * and those of an account that was deleted meanwhile.
 * Idempotent. Locks rows in the order of the primary key, so that two verifiers cannot deadlock.
 */
export async function writeAddresses(
  connection: Connection,
  addresses: readonly SeenAddress[],
): Promise<void> {
  const now = performance.now();
  const sequence = connection.nextSequence();
  const [row] = await connection.sql<{ sequence: number }[]>`
    with entry as (
      select account_id, allowed, address, min(age) as age
      from unnest(
        ${formatArray(addresses.map(({ accountId }) => accountId))}::text::uuid[],
        ${formatArray(addresses.map(({ isAllowed }) => String(isAllowed)))}::text::bool[],
        ${formatArray(addresses.map(({ ipAddress }) => ipAddress))}::text::text[],
        ${formatArray(addresses.map(({ at }) => Math.round(now - at)))}::text::int8[]
      ) as sent (account_id, allowed, address, age)
      group by account_id, allowed, address
    ), written as (
      insert into api_account_addresses as existing (account_id, allowed, address, last_seen_at)
      select account_id, allowed, address, now() - age * interval '1 millisecond'
      from entry
      where exists (select from api_accounts where id = entry.account_id)
        and (exists (select from api_account_addresses same where same.account_id = entry.account_id
            and same.allowed = entry.allowed and same.address = entry.address)
          or (select count(*) from api_account_addresses other where other.account_id = entry.account_id
            and other.allowed = entry.allowed) < ${MAX_ADDRESSES}::int4)
      order by account_id, allowed, address
      on conflict (account_id, allowed, address) do update set
        last_seen_at = greatest(existing.last_seen_at, excluded.last_seen_at)
    )
    select ${sequence}::int4 as sequence`;
  connection.checkSequence(row, sequence);
}
