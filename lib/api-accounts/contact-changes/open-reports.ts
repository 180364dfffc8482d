import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { selectActorName } from '#lib/identity/users/actor-name.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import type { ChangeReport, FieldChange } from './schema.ts';

/** A report as PostgreSQL returns it in JSON, with dates as strings. */
type JsonReport = Omit<ChangeReport, 'reportedAt' | 'changedAt'> & {
  reportedAt: string;
  changedAt: string;
};

/** Reports that are shown per account. When one is resolved, the next is shown. */
const MAX_REPORTS = 5;

const selectFieldChange = (before: unknown, after: unknown) =>
  sql<FieldChange>`case when ${before} <> ${after} then json_build_object('before', ${before}, 'after', ${after}) end`;

/** Column for a query on `api_accounts`: the unresolved reports, oldest first. */
export const openReports = sql<JsonReport[] | null>`(
  select json_agg(oldest.report order by oldest.reported_at, oldest.id)
  from (
    select ${contactChanges.id}, ${contactChanges.reportedAt}, json_build_object(
      'id', ${contactChanges.id},
      'reportedAt', ${contactChanges.reportedAt},
      'changedAt', ${contactChanges.at},
      'changedBy', ${selectActorName(contactChanges.changedBy)},
      'email', ${selectFieldChange(contactChanges.oldEmail, contactChanges.newEmail)},
      'phone', ${selectFieldChange(contactChanges.oldPhone, contactChanges.newPhone)}
    ) as report
    from ${contactChanges}
    where ${contactChanges.accountId} = ${apiAccounts.id}
      and ${contactChanges.reportedAt} is not null and ${contactChanges.resolvedAt} is null
    order by ${contactChanges.reportedAt}, ${contactChanges.id}
    limit ${MAX_REPORTS}
  ) oldest
)`;

/** Parses the dates of a report from the `openReports` column. */
export function parseReport({ reportedAt, changedAt, ...rest }: JsonReport): ChangeReport {
  return { ...rest, reportedAt: new Date(reportedAt), changedAt: new Date(changedAt) };
}

/** `not_found`: the report does not exist or has already been resolved. */
export type ResolveResult = { ok: true } | { ok: false; reason: 'not_found' } | ReauthenticationRequired;

/**
 * Marks a report as resolved by the administrator, and keeps it. Requires recent authentication, because the warning
 * disappears for all administrators.
 */
export async function resolveReport(
  database: Database,
  { userId, ipAddress, hasRecentAuth }: Administrator,
  input: { id: string },
): Promise<ResolveResult> {
  if (!hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  return withTransaction(database, async (transaction): Promise<ResolveResult> => {
    const [resolved] = await transaction
      .update(contactChanges)
      .set({ resolvedAt: sql`now()`, resolvedBy: userId })
      .where(
        and(
          eq(contactChanges.id, input.id),
          isNotNull(contactChanges.reportedAt),
          isNull(contactChanges.resolvedAt),
        ),
      )
      .returning({ accountId: contactChanges.accountId });
    if (!resolved) return { ok: false, reason: 'not_found' };
    const event = { userId, ipAddress, accountId: resolved.accountId, details: { changeId: input.id } };
    recordAuditEvent(transaction, 'address_change.settled', event);
    return { ok: true };
  });
}
