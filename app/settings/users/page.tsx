import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { listUsers } from '#lib/identity/users/list.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../no-access.tsx';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { InviteButton, UserDialogs } from './user-dialogs.tsx';
import { UsersHeading } from './users-heading.tsx';
import { UsersTable } from './users-table.tsx';

export const metadata = { title: 'Users' };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function UsersPage({ searchParams }: PageProps) {
  const { user: foundUserId } = await searchParams;
  const access = await requireViewer();
  if (!access.ok) {
    redirectUnauthorized(access, '/settings/users');
    return <NoAccess heading={<UsersHeading />}>{access.message}</NoAccess>;
  }

  const users = await listUsers(database(), access.viewer);
  const { singleSignOn, isLocalAuthEnabled } = settings();
  const canEdit = access.administrator !== null;
  return (
    <UserDialogs
      ownId={access.viewer.userId}
      users={canEdit ? users : []}
      roleProvider={singleSignOn?.roles ? singleSignOn.name : null}
      ssoOnlyProvider={singleSignOn && !isLocalAuthEnabled ? singleSignOn.name : null}
    >
      <UsersHeading action={canEdit && <InviteButton />}>
        {canEdit
          ? 'People who can sign in. Select an email address to edit someone.'
          : 'People who can sign in. You can view them. A Settings Administrator can change them.'}
      </UsersHeading>
      <section aria-label="Users" className="rounded-lg border border-line bg-surface shadow-card">
        <UsersTable users={users} foundUserId={foundUserId} canEdit={canEdit} now={new Date()} />
      </section>
    </UserDialogs>
  );
}
