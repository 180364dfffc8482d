import { CircleCheck, CirclePause, MailOpen } from 'lucide-react';
import { EmailAddress } from '#components/email-address.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StatusBadge } from '#components/status-badge.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import { ROLE_LABELS } from '#lib/auth/roles.ts';
import type { UserSummary } from '#lib/users/schema.ts';
import { EditUserButton } from './user-dialogs.tsx';

const COLUMNS: Column[] = [
  { heading: 'Name', width: 'w-[18%]' },
  { heading: 'Email address', width: 'w-[25%]' },
  { heading: 'Role', width: 'w-[19%]' },
  { heading: 'Status', width: 'w-[13%]' },
  { heading: 'Second factor', width: 'w-[12%]' },
  { heading: 'Last seen', width: 'w-[13%]' },
];

type UsersTableProps = { users: UserSummary[]; canAct: boolean; now: Date };

/** Everybody; the buttons that open the editor only for those who may act. */
export function UsersTable({ users, canAct, now }: UsersTableProps) {
  return (
    <Table label="Users" columns={COLUMNS}>
      {users.map((user) => (
        <TableRow key={user.id}>
          <TableCell className="@max-4xl:text-lg font-semibold @xl:@max-4xl:col-span-2">
            {user.name ? <bdi>{user.name}</bdi> : <span className="font-normal text-muted">No name yet</span>}
          </TableCell>
          <TableCell label="Email address">
            {canAct ? <EditUserButton user={user} /> : <EmailAddress>{user.email}</EmailAddress>}
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

function Status({ user: { active, invited } }: { user: UserSummary }) {
  if (!active) {
    return (
      <StatusBadge tone="neutral">
        <CirclePause aria-hidden="true" />
        Not active
      </StatusBadge>
    );
  }
  return invited ? (
    <StatusBadge tone="info">
      <MailOpen aria-hidden="true" />
      Invited
    </StatusBadge>
  ) : (
    <StatusBadge tone="success">
      <CircleCheck aria-hidden="true" />
      Active
    </StatusBadge>
  );
}
