import { Notice } from '#components/notice.tsx';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { listUsers } from '#lib/identity/users/list.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { InviteButton, UserDialogs } from './user-dialogs.tsx';
import { UsersHeading } from './users-heading.tsx';
import { UsersTable } from './users-table.tsx';

export const metadata = { title: 'Users' };

export default async function UsersPage() {
  const allowed = await requireViewer();
  if (!allowed.ok) {
    redirectUnauthorized(allowed, '/settings/users');
    return (
      <>
        <UsersHeading />
        <Notice tone="warning" title="You do not have access to this page" className="max-w-2xl">
          <p>{allowed.message}</p>
        </Notice>
      </>
    );
  }

  const users = await listUsers(database(), allowed.viewer);
  const { singleSignOn } = settings();
  const canAct = allowed.administrator !== null;
  return (
    <UserDialogs self={allowed.viewer.userId} roleProvider={singleSignOn?.roles ? singleSignOn.name : null}>
      <UsersHeading action={canAct && <InviteButton />}>
        {canAct
          ? 'The people who may sign in here. Click an email address to edit its user.'
          : 'The people who may sign in here. Your role, Settings Viewer, lets you see them; a Settings Administrator can change them.'}
      </UsersHeading>
      <section aria-label="Users" className="rounded-lg border border-line bg-surface shadow-card">
        <UsersTable users={users} canAct={canAct} now={new Date()} />
      </section>
    </UserDialogs>
  );
}
