import Link from 'next/link';
import { LocalTime } from '#components/local-time.tsx';
import { Skeleton } from '#components/skeleton.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { SkeletonTableRows } from '#components/skeleton-table.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import { listDeletedAccounts } from '#lib/api-accounts/deleted.ts';
import type { DeletedAccount } from '#lib/api-accounts/schema.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { type Administrator, ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../../no-access.tsx';
import { redirectUnauthorized } from '../../redirect-unauthorized.ts';
import { buildAccountHref } from '../api-accounts/editor/account-href.ts';
import { DELETED_ACCOUNTS_TITLE, DeletedAccountsHeading } from './deleted-accounts-heading.tsx';
import { DELETED_ACCOUNTS_PATH } from './deleted-accounts-path.ts';

export const metadata = { title: DELETED_ACCOUNTS_TITLE };

const COLUMNS: Column[] = [
  { heading: 'Username', widthClass: 'w-[34%]' },
  { heading: 'Deleted', widthClass: 'w-[26%]' },
  { heading: 'By', widthClass: 'w-[20%]' },
  { heading: 'Username free from', widthClass: 'w-[20%]' },
];

export default async function DeletedAccountsPage() {
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, DELETED_ACCOUNTS_PATH);
  if (!access.ok || !access.administrator) {
    return (
      <NoAccess heading={<DeletedAccountsHeading />}>
        {`Only a ${ROLE_LABELS.settings_administrator} can view deleted accounts. Ask one to give you that role.`}
      </NoAccess>
    );
  }
  return (
    <>
      <DeletedAccountsHeading />
      <SkeletonIfSlow
        content={renderDeletedAccounts(access.administrator)}
        skeleton={<DeletedAccountsSkeleton />}
      />
    </>
  );
}

const CARD_CLASS = 'rounded-lg border border-line bg-surface shadow-card';

async function renderDeletedAccounts(administrator: Administrator) {
  const accounts = await listDeletedAccounts(database(), administrator);
  if (accounts.length === 0)
    return <p className={`${CARD_CLASS} px-5 py-10 text-center text-muted`}>No accounts were deleted.</p>;
  return (
    <section aria-label={DELETED_ACCOUNTS_TITLE} className={CARD_CLASS}>
      <Table label={DELETED_ACCOUNTS_TITLE} columns={COLUMNS}>
        {accounts.map((account) => (
          <DeletedAccountRow key={account.id} account={account} />
        ))}
      </Table>
    </section>
  );
}

function DeletedAccountsSkeleton() {
  const labels = COLUMNS.map(({ heading }, index) => (index === 0 ? undefined : heading));
  return (
    <Skeleton className={CARD_CLASS}>
      <Table label={DELETED_ACCOUNTS_TITLE} columns={COLUMNS}>
        <SkeletonTableRows rows={3} labels={labels} />
      </Table>
    </Skeleton>
  );
}

function DeletedAccountRow({ account }: { account: DeletedAccount }) {
  const { id, username, deletedAt, deletedBy, expiresAt } = account;
  return (
    <TableRow>
      <TableCell className="font-semibold">
        <Link
          href={buildAccountHref(id)}
          prefetch={false}
          className="rounded-sm underline underline-offset-4"
        >
          <bdi translate="no">{username}</bdi>
        </Link>
      </TableCell>
      <TableCell label="Deleted">
        <LocalTime at={deletedAt} />
      </TableCell>
      <TableCell label="By">
        <bdi>{deletedBy ?? 'A former user'}</bdi>
      </TableCell>
      <TableCell label="Username free from">
        <LocalTime at={expiresAt} format="date" />
      </TableCell>
    </TableRow>
  );
}
