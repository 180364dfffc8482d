import { listApiAccounts } from '#lib/api-accounts/list.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { readSmsUsage } from '#lib/notifications/sms/read-usage.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { redirectUnauthorized } from '../../redirect-unauthorized.ts';
import { NewAccountButton } from './account-buttons.tsx';
import { AccountDialogs } from './account-dialogs.tsx';
import { AccountsList } from './list/accounts-list.tsx';
import { listHref, readListQuery } from './list/list-query.ts';
import { SmsUsageNotice } from './list/sms-usage-notice.tsx';
import { PageHeading } from './page-heading.tsx';
import { RoleNeeded } from './role-needed.tsx';

export const metadata = { title: 'API Accounts' };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function ApiAccountsPage({ searchParams }: PageProps) {
  const query = readListQuery(await searchParams);
  const allowed = await requireViewer();
  if (!allowed.ok) {
    redirectUnauthorized(allowed, listHref(query));
    return <RoleNeeded message={allowed.message} />;
  }

  const page = await listApiAccounts(database(), allowed.viewer, query);
  const canAct = allowed.administrator !== null;
  const textUse = canAct ? await readSmsUsage(database()) : null;
  const edited = canAct ? page.accounts.find(({ id }) => id === query.edit) : undefined;
  return (
    <AccountDialogs openEditor={edited ?? null} defaultLimit={settings().requestsPerMinute}>
      <PageHeading action={canAct && <NewAccountButton main />}>
        {canAct
          ? 'Each account lets one company use your API. Click an email address to edit its account.'
          : 'Each account lets one company use your API. Your role, Settings Viewer, lets you see them; a Settings Administrator can change them.'}
      </PageHeading>
      {textUse && <SmsUsageNotice use={textUse} />}
      <AccountsList page={page} query={query} canAct={canAct} />
    </AccountDialogs>
  );
}
