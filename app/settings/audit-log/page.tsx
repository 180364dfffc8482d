import { Notice } from '#components/notice.tsx';
import { listAuditLog, listPeople } from '#lib/audit/list.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { auditHref, readAuditQuery } from './audit-query.ts';
import { ExportLinks } from './export-links.tsx';
import { FilterForm } from './filter-form.tsx';
import { LogHeading } from './log-heading.tsx';
import { LogList } from './log-list.tsx';

export const metadata = { title: 'Audit log' };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function AuditLogPage({ searchParams }: PageProps) {
  const { filter, ...place } = readAuditQuery(await searchParams);
  const allowed = await requireViewer();
  if (!allowed.ok) redirectUnauthorized(allowed, auditHref(filter));
  if (!allowed.ok || !allowed.administrator) return <RoleNeeded />;

  const { administrator } = allowed;
  const [page, people] = await Promise.all([
    listAuditLog(database(), administrator, filter, place),
    listPeople(database(), administrator),
  ]);
  return (
    <>
      <LogHeading action={<ExportLinks filter={filter} />} />
      <div className="mb-4">
        <FilterForm filter={filter} people={people} />
      </div>
      <LogList page={page} filter={filter} />
    </>
  );
}

function RoleNeeded() {
  const role = ROLE_LABELS.settings_administrator;
  return (
    <>
      <LogHeading />
      <Notice tone="warning" title="You do not have access to this page" className="max-w-2xl">
        <p>
          The audit log holds names, addresses and failed sign-ins, so it takes the role {role}. Someone who
          has it can give it to you.
        </p>
      </Notice>
    </>
  );
}
