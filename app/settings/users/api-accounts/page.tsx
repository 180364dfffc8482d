import Link from 'next/link';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { SkeletonBox } from '#components/skeleton.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { listApiAccounts } from '#lib/api-accounts/list.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { readSmsUsage } from '#lib/notifications/sms/read-usage.ts';
import type { Administrator, Viewer } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { IMPORT_PATH, JOBS_PATH } from '../../jobs/job-labels.ts';
import { NoAccess } from '../../no-access.tsx';
import { redirectUnauthorized } from '../../redirect-unauthorized.ts';
import { DELETED_ACCOUNTS_PATH } from '../deleted-api-accounts/deleted-accounts-path.ts';
import { readAccessOptions } from './access/read-access-options.ts';
import { NewAccountButton } from './account-buttons.tsx';
import { AccountDialogs } from './account-dialogs.tsx';
import { ApiAccountsHeading } from './api-accounts-heading.tsx';
import { FirstRunChecklist } from './checklist/first-run-checklist.tsx';
import { buildAccountHref } from './editor/account-href.ts';
import { AccountsList } from './list/accounts-list.tsx';
import { type AccountsQuery, buildAccountsHref } from './list/accounts-query.ts';
import { AccountsSkeleton } from './list/accounts-skeleton.tsx';
import { readAccountsQuery } from './list/read-accounts-query.ts';
import { SmsUsageNotice } from './list/sms-usage-notice.tsx';

export const metadata = { title: 'API Accounts' };

const FOOTER_LINKS = [
  { label: 'Import accounts', href: IMPORT_PATH },
  { label: 'Deleted accounts', href: DELETED_ACCOUNTS_PATH },
  { label: 'Jobs', href: JOBS_PATH },
];

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function ApiAccountsPage({ searchParams }: PageProps) {
  const query = readAccountsQuery(await searchParams);
  const access = await requireViewer();
  if (!access.ok) {
    redirectUnauthorized(access, buildAccountsHref(query));
    return <NoAccess heading={<ApiAccountsHeading />}>{access.message}</NoAccess>;
  }

  // Emails of earlier versions link to the list.
  if (query.edit && access.administrator) redirect(buildAccountHref(query.edit));
  const canEdit = access.administrator !== null;
  return (
    <SkeletonIfSlow
      content={renderAccounts(access, query)}
      skeleton={
        <>
          <Heading canEdit={canEdit} action={canEdit && <SkeletonBox className="h-10 w-44 sm:h-9" />} />
          <AccountsSkeleton filter={query.filter} canEdit={canEdit} />
        </>
      }
    />
  );
}

function Heading({ canEdit, action }: { canEdit: boolean; action: ReactNode }) {
  return (
    <ApiAccountsHeading action={action}>
      {canEdit
        ? 'Give each company that uses your API its own account. Select a username or an email address to open it.'
        : 'Each company that uses your API has its own account. You can view these. A Settings Administrator can change them.'}
    </ApiAccountsHeading>
  );
}

type Access = { viewer: Viewer; administrator: Administrator | null };

async function renderAccounts({ viewer, administrator }: Access, query: AccountsQuery) {
  const page = await listApiAccounts(database(), viewer, query);
  const canEdit = administrator !== null;
  const smsUsage = canEdit ? await readSmsUsage(database()) : null;
  const accessOptions = administrator && (await readAccessOptions(administrator, null));
  return (
    <AccountDialogs smsUsage={smsUsage} accessOptions={accessOptions}>
      <Heading canEdit={canEdit} action={canEdit && <NewAccountButton isMain />} />
      {administrator && <FirstRunChecklist administrator={administrator} />}
      {smsUsage && <SmsUsageNotice usage={smsUsage} />}
      <AccountsList page={page} query={query} canEdit={canEdit} />
      {canEdit && (
        <p className="mt-6 flex flex-wrap gap-x-6 gap-y-2 text-sm">
          {FOOTER_LINKS.map(({ label, href }) => (
            <Link key={href} href={href} className="text-muted underline underline-offset-2 hover:text-ink">
              {label}
            </Link>
          ))}
        </p>
      )}
    </AccountDialogs>
  );
}
