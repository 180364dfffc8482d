import Link from 'next/link';
import { Notice } from '#components/notice.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { readDeletedAccount } from '#lib/api-accounts/deleted.ts';
import { readAccount } from '#lib/api-accounts/read-account.ts';
import { accountIdSchema } from '#lib/api-accounts/schema.ts';
import type { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { type Administrator, ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { readAccessOptions } from '../access/read-access-options.ts';
import { MISSING_ACCOUNT } from '../failure-messages.ts';
import { API_ACCOUNTS_PATH } from '../list/accounts-query.ts';
import { AccountSkeleton } from './account-skeleton.tsx';
import { AccountView } from './account-view.tsx';
import { DeletedAccountView } from './deleted-account-view.tsx';

type AccountContentProps = {
  id: string;
  access: Awaited<ReturnType<typeof requireViewer>>;
  isSheet?: boolean;
};

/** Shows an account, in a sheet over the list or alone: to edit it, or for 30 days after it was deleted. */
export function AccountContent({ id, access, isSheet = false }: AccountContentProps) {
  if (!access.ok || !access.administrator) {
    return (
      <Notice tone="warning" title="You don’t have access to this page" className="m-5 max-w-2xl sm:m-6">
        <p>{`Only a ${ROLE_LABELS.settings_administrator} can open an API account. Ask one to give you that role.`}</p>
      </Notice>
    );
  }

  // The sheet's loading page has the same skeleton.
  const content = renderAccount(id, access.administrator);
  return isSheet ? content : <SkeletonIfSlow content={content} skeleton={<AccountSkeleton />} />;
}

async function renderAccount(id: string, administrator: Administrator) {
  const parsed = accountIdSchema.safeParse({ id });
  const account = parsed.success ? await readAccount(database(), parsed.data.id) : null;
  if (account) {
    return (
      <AccountView
        key={account.id}
        account={account}
        defaultLimit={settings().requestsPerMinute}
        accessOptions={await readAccessOptions(administrator, account.id)}
      />
    );
  }
  const deleted = parsed.success ? await readDeletedAccount(database(), parsed.data.id) : null;
  if (deleted) return <DeletedAccountView account={deleted} />;
  return (
    <Notice tone="warning" title={MISSING_ACCOUNT} className="m-5 max-w-2xl sm:m-6">
      <p>
        <Link href={API_ACCOUNTS_PATH} className="font-medium underline underline-offset-2">
          Show all accounts
        </Link>
      </p>
    </Notice>
  );
}
