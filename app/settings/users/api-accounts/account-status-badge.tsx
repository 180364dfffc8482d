import { CalendarX2, CircleCheck, CirclePause, ClockAlert, Hourglass, Lock, ShieldAlert } from 'lucide-react';
import type { ComponentType, SVGProps } from 'react';
import { type BadgeTone, StatusBadge } from '#components/status-badge.tsx';
import { type AccountStatus, STATUS_LABELS } from '#lib/account-state/status.ts';

type Badge = { tone: BadgeTone; icon: ComponentType<SVGProps<SVGSVGElement>> };

export const STATUS_BADGES: Record<AccountStatus, Badge> = {
  awaiting_collection: { tone: 'info', icon: Hourglass },
  active: { tone: 'success', icon: CircleCheck },
  inactive: { tone: 'neutral', icon: CirclePause },
  expired: { tone: 'neutral', icon: CalendarX2 },
  leaked: { tone: 'danger', icon: ShieldAlert },
  link_expired: { tone: 'warning', icon: ClockAlert },
  locked: { tone: 'danger', icon: Lock },
};

/** Shows an account's status. */
export function AccountStatusBadge({ status }: { status: AccountStatus }) {
  return <StatusBadge {...STATUS_BADGES[status]}>{STATUS_LABELS[status]}</StatusBadge>;
}
