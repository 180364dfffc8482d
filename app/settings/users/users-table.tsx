import { CircleCheck, CirclePause, Hourglass, MailOpen, MailX, Unlink, UserLock } from 'lucide-react';
import { EmailAddress } from '#components/email-address.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { type BadgeTone, StatusBadge } from '#components/status-badge.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import type { InvitationState, UserSummary } from '#lib/identity/users/schema.ts';
import { ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { EditUserButton } from './user-dialogs.tsx';

const COLUMNS: Column[] = [
  { heading: 'Name', width: 'w-[17%]' },
  { heading: 'Email address', width: 'w-[24%]' },
  { heading: 'Role', width: 'w-[18%]' },
  { heading: 'Status', width: 'w-[18%]' },
  { heading: 'Second factor', width: 'w-[11%]' },
  { heading: 'Last seen', width: 'w-[12%]' },
];

type UsersTableProps = { users: UserSummary[]; canAct: boolean; now: Date };

/** Everybody; the buttons that open the editor only for those who may act. */
export function UsersTable({ users, canAct, now }: UsersTableProps) {
  return (
    <Table label="Users" columns={COLUMNS}>
      {users.map((user) => (
        <TableRow key={user.id}>
          <TableCell className="@max-4xl:text-lg font-semibold @xl:@max-4xl:col-span-2">
            {user.name ? (
              <bdi translate="no">{user.name}</bdi>
            ) : (
              <span className="font-normal text-muted">No name yet</span>
            )}
          </TableCell>
          <TableCell label="Email address">
            {/* One piece: on a phone the cell is a grid, the label beside it. */}
            <div className="min-w-0">
              {canAct ? <EditUserButton user={user} /> : <EmailAddress>{user.email}</EmailAddress>}
              {user.provider && (
                <p className="break-words text-muted text-sm">Signs in with {user.provider}</p>
              )}
            </div>
          </TableCell>
          <TableCell label="Role">{user.role ? ROLE_LABELS[user.role] : 'None'}</TableCell>
          <TableCell label="Status">
            <Status user={user} />
          </TableCell>
          <TableCell label="Second factor">{user.secondFactor ? 'Yes' : 'No'}</TableCell>
          <TableCell label="Last seen" className="text-muted">
            {user.lastSeenAt ? <RelativeTime at={user.lastSeenAt} now={now} /> : 'Never'}
          </TableCell>
        </TableRow>
      ))}
    </Table>
  );
}

const INVITED: Record<InvitationState, { tone: BadgeTone; icon: typeof MailOpen; words: string }> = {
  open: { tone: 'info', icon: MailOpen, words: 'Invited' },
  unsent: { tone: 'danger', icon: MailX, words: 'Invitation not sent' },
  returned: { tone: 'danger', icon: MailX, words: 'Email came back' },
  over: { tone: 'warning', icon: Hourglass, words: 'Invitation over' },
  unlinked: { tone: 'warning', icon: Unlink, words: 'Not linked' },
  no_way_in: { tone: 'warning', icon: UserLock, words: 'Cannot sign in' },
};

function Status({ user: { active, invitation } }: { user: UserSummary }) {
  if (!active) {
    return (
      <StatusBadge tone="neutral" icon={CirclePause}>
        Not active
      </StatusBadge>
    );
  }
  if (invitation) {
    const { tone, icon, words } = INVITED[invitation];
    return (
      <StatusBadge tone={tone} icon={icon}>
        {words}
      </StatusBadge>
    );
  }
  return (
    <StatusBadge tone="success" icon={CircleCheck}>
      Active
    </StatusBadge>
  );
}
