import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { listAuditLog, listTokensForFilter, listUsersForFilter } from '#lib/audit/list.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { type Administrator, ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../no-access.tsx';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { type AuditQuery, buildAuditHref } from './audit-query.ts';
import { ExportLinks } from './export-links.tsx';
import { FilterForm } from './filter-form.tsx';
import { LogHeading } from './log-heading.tsx';
import { LogList } from './log-list.tsx';
import { LogSkeleton } from './log-skeleton.tsx';
import { readAuditQuery } from './read-audit-query.ts';

export const metadata = { title: 'Audit log' };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function AuditLogPage({ searchParams }: PageProps) {
  const query = readAuditQuery(await searchParams);
  const { filter } = query;
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, buildAuditHref(filter));
  if (!access.ok || !access.administrator) {
    return (
      <NoAccess heading={<LogHeading />}>
        The audit log contains names, email and IP addresses, and failed sign-ins, so only a{' '}
        {ROLE_LABELS.settings_administrator} can view it. Ask one to give you that role.
      </NoAccess>
    );
  }

  return (
    <>
      <LogHeading action={<ExportLinks filter={filter} />} />
      <SkeletonIfSlow
        content={renderLog(access.administrator, query)}
        skeleton={<LogSkeleton filter={filter} />}
      />
    </>
  );
}

async function renderLog(administrator: Administrator, { filter, ...cursor }: AuditQuery) {
  const [page, users, tokens] = await Promise.all([
    listAuditLog(database(), administrator, filter, cursor),
    listUsersForFilter(database(), administrator),
    listTokensForFilter(database(), administrator),
  ]);
  return (
    <>
      <div className="mb-4">
        <FilterForm filter={filter} users={users} tokens={tokens} />
      </div>
      <LogList page={page} filter={filter} />
    </>
  );
}
