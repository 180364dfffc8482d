import type { ReactNode } from 'react';
import { SkeletonBox } from '#components/skeleton.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { listUsers } from '#lib/identity/users/list.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../no-access.tsx';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { InviteButton, UserDialogs } from './user-dialogs.tsx';
import { UsersHeading } from './users-heading.tsx';
import { UsersSkeleton, UsersTable } from './users-table.tsx';

export const metadata = { title: 'Users' };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function UsersPage({ searchParams }: PageProps) {
  const { user: foundUserId } = await searchParams;
  const access = await requireViewer();
  if (!access.ok) {
    redirectUnauthorized(access, '/settings/users');
    return <NoAccess heading={<UsersHeading />}>{access.message}</NoAccess>;
  }

  const canEdit = access.administrator !== null;
  return (
    <SkeletonIfSlow
      content={renderUsers(access.viewer, { canEdit, foundUserId })}
      skeleton={
        <>
          <Heading canEdit={canEdit} action={canEdit && <SkeletonBox />} />
          <UsersSkeleton />
        </>
      }
    />
  );
}

type HeadingProps = { canEdit: boolean; action: ReactNode };

function Heading({ canEdit, action }: HeadingProps) {
  return (
    <UsersHeading action={action}>
      {canEdit
        ? 'People who can sign in. Select an email address to edit someone.'
        : 'People who can sign in. You can view them. A Settings Administrator can change them.'}
    </UsersHeading>
  );
}

type UsersOptions = { canEdit: boolean; foundUserId: string | string[] | undefined };

async function renderUsers(viewer: Viewer, { canEdit, foundUserId }: UsersOptions) {
  const users = await listUsers(database(), viewer);
  const { singleSignOn, isLocalAuthEnabled } = settings();
  return (
    <UserDialogs
      ownId={viewer.userId}
      canEdit={canEdit}
      users={canEdit ? users : []}
      roleProvider={singleSignOn?.roles ? singleSignOn.name : null}
      ssoOnlyProvider={singleSignOn && !isLocalAuthEnabled ? singleSignOn.name : null}
    >
      <Heading canEdit={canEdit} action={canEdit && <InviteButton />} />
      <section aria-label="Users" className="rounded-lg border border-line bg-surface shadow-card">
        <UsersTable users={users} foundUserId={foundUserId} canEdit={canEdit} now={new Date()} />
      </section>
    </UserDialogs>
  );
}
