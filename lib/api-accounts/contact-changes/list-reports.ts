import { sql } from 'drizzle-orm';
import { addressChanges } from '#db/schema/address-changes.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { users } from '#db/schema/users.ts';
import type { Change, Objection } from './schema.ts';

/** An objection as the database tells it, in JSON. */
type ToldObjection = Omit<Objection, 'objectedAt' | 'changedAt'> & { objectedAt: string; changedAt: string };

/** More than these wait behind them: once one is settled, the next comes up. */
const SHOWN_AT_ONCE = 5;

const changeOf = (before: unknown, after: unknown) =>
  sql<Change>`case when ${before} <> ${after} then json_build_object('before', ${before}, 'after', ${after}) end`;

/** A column for a query on `api_accounts`: the objections that nobody has looked into yet, oldest first. */
export const objections = sql<ToldObjection[] | null>`(
  select json_agg(o.told order by o.objected_at, o.id)
  from (
    select ${addressChanges.id}, ${addressChanges.objectedAt}, json_build_object(
      'id', ${addressChanges.id},
      'objectedAt', ${addressChanges.objectedAt},
      'changedAt', ${addressChanges.at},
      'changedBy', (select ${users.name} from ${users} where ${users.id} = ${addressChanges.changedBy}),
      'email', ${changeOf(addressChanges.oldEmail, addressChanges.newEmail)},
      'phone', ${changeOf(addressChanges.oldPhone, addressChanges.newPhone)}
    ) as told
    from ${addressChanges}
    where ${addressChanges.accountId} = ${apiAccounts.id}
      and ${addressChanges.objectedAt} is not null and ${addressChanges.settledAt} is null
    order by ${addressChanges.objectedAt}, ${addressChanges.id}
    limit ${SHOWN_AT_ONCE}
  ) o
)`;

/** An objection out of that column. */
export function describeObjection({ objectedAt, changedAt, ...rest }: ToldObjection): Objection {
  return { ...rest, objectedAt: new Date(objectedAt), changedAt: new Date(changedAt) };
}
