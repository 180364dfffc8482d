import { CircleCheck, CirclePause, Hourglass, MailOpen, MailX, Unlink, UserLock } from 'lucide-react';
import { EmailAddress } from '#components/email-address.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { Skeleton } from '#components/skeleton.tsx';
import { SkeletonTableRows } from '#components/skeleton-table.tsx';
import { type BadgeTone, StatusBadge } from '#components/status-badge.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import type { InvitationState, UserSummary } from '#lib/identity/users/schema.ts';
import { ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { EditUserButton } from './user-dialogs.tsx';

const COLUMNS: Column[] = [
  { heading: 'Name', widthClass: 'w-[16%]' },
  { heading: 'Email address', widthClass: 'w-[23%]' },
  { heading: 'Role', widthClass: 'w-[18%]' },
  { heading: 'Status', widthClass: 'w-[18%]' },
  { heading: 'Two-step sign-in', widthClass: 'w-[14%]' },
  { heading: 'Last active', widthClass: 'w-[11%]' },
];

/** Stands in for the list of users. */
export function UsersSkeleton() {
  const labels = COLUMNS.map(({ heading }, index) => (index === 0 ? undefined : heading));
  return (
    <Skeleton className="rounded-lg border border-line bg-surface shadow-card">
      <Table label="Users" columns={COLUMNS}>
        <SkeletonTableRows rows={5} labels={labels} contentClass="@4xl:min-h-6.25" />
      </Table>
    </Skeleton>
  );
}

type UsersTableProps = {
  users: UserSummary[];
  /** From the address: highlights the user that was opened from the command palette. */
  foundUserId: string | string[] | undefined;
  canEdit: boolean;
  now: Date;
};

/** Lists the users; only an administrator gets the buttons that open the editor. */
export function UsersTable({ users, foundUserId, canEdit, now }: UsersTableProps) {
  return (
    <Table label="Users" columns={COLUMNS}>
      {users.map((user) => (
        <TableRow
          key={user.id}
          id={`user-${user.id}`}
          aria-current={user.id === foundUserId || undefined}
          className="scroll-my-16 aria-[current=true]:bg-info-soft"
        >
          <TableCell className="@max-4xl:text-lg font-semibold">
            {user.name ? (
              <bdi translate="no">{user.name}</bdi>
            ) : (
              <span className="font-normal text-muted">No name yet</span>
            )}
          </TableCell>
          <TableCell label="Email address">
            {/* One child: on a phone the cell is a grid with the label beside it. */}
            <div className="min-w-0">
              {canEdit ? <EditUserButton user={user} /> : <EmailAddress>{user.email}</EmailAddress>}
              {user.provider && (
                <p className="break-words text-muted text-sm">Signs in with {user.provider}</p>
              )}
            </div>
          </TableCell>
          <TableCell label="Role">{user.role ? ROLE_LABELS[user.role] : 'No role'}</TableCell>
          <TableCell label="Status">
            <UserStatus user={user} />
          </TableCell>
          <TableCell label="Two-step sign-in">{user.hasSecondFactor ? 'On' : 'Off'}</TableCell>
          <TableCell label="Last active" className="text-muted">
            {user.lastSeenAt ? <RelativeTime at={user.lastSeenAt} now={now} /> : 'Never'}
          </TableCell>
        </TableRow>
      ))}
    </Table>
  );
}

const INVITATION_BADGES: Record<InvitationState, { tone: BadgeTone; icon: typeof MailOpen; label: string }> =
  {
    open: { tone: 'info', icon: MailOpen, label: 'Invited' },
    unsent: { tone: 'danger', icon: MailX, label: 'Invitation not sent' },
    bounced: { tone: 'danger', icon: MailX, label: 'Email bounced' },
    expired: { tone: 'warning', icon: Hourglass, label: 'Invitation expired' },
    unlinked: { tone: 'warning', icon: Unlink, label: 'Not linked' },
    no_sign_in_method: { tone: 'warning', icon: UserLock, label: 'Can’t sign in' },
  };

function UserStatus({ user: { active, invitation } }: { user: UserSummary }) {
  if (!active) {
    return (
      <StatusBadge tone="neutral" icon={CirclePause}>
        Inactive
      </StatusBadge>
    );
  }
  if (invitation) {
    const { tone, icon, label } = INVITATION_BADGES[invitation];
    return (
      <StatusBadge tone={tone} icon={icon}>
        {label}
      </StatusBadge>
    );
  }
  return (
    <StatusBadge tone="success" icon={CircleCheck}>
      Active
    </StatusBadge>
  );
}
