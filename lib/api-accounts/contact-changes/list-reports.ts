import { sql } from 'drizzle-orm';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { users } from '#db/schema/users.ts';
import type { Change, ChangeReport } from './schema.ts';

/** An objection as the database tells it, in JSON. */
type ToldObjection = Omit<ChangeReport, 'objectedAt' | 'changedAt'> & {
  objectedAt: string;
  changedAt: string;
};

/** More than these wait behind them: once one is settled, the next comes up. */
const SHOWN_AT_ONCE = 5;

const changeOf = (before: unknown, after: unknown) =>
  sql<Change>`case when ${before} <> ${after} then json_build_object('before', ${before}, 'after', ${after}) end`;

/** A column for a query on `api_accounts`: the objections that nobody has looked into yet, oldest first. */
export const openReports = sql<ToldObjection[] | null>`(
  select json_agg(o.told order by o.objected_at, o.id)
  from (
    select ${contactChanges.id}, ${contactChanges.objectedAt}, json_build_object(
      'id', ${contactChanges.id},
      'objectedAt', ${contactChanges.objectedAt},
      'changedAt', ${contactChanges.at},
      'changedBy', (select ${users.name} from ${users} where ${users.id} = ${contactChanges.changedBy}),
      'email', ${changeOf(contactChanges.oldEmail, contactChanges.newEmail)},
      'phone', ${changeOf(contactChanges.oldPhone, contactChanges.newPhone)}
    ) as told
    from ${contactChanges}
    where ${contactChanges.accountId} = ${apiAccounts.id}
      and ${contactChanges.objectedAt} is not null and ${contactChanges.settledAt} is null
    order by ${contactChanges.objectedAt}, ${contactChanges.id}
    limit ${SHOWN_AT_ONCE}
  ) o
)`;

/** An objection out of that column. */
export function describeReport({ objectedAt, changedAt, ...rest }: ToldObjection): ChangeReport {
  return { ...rest, objectedAt: new Date(objectedAt), changedAt: new Date(changedAt) };
}
