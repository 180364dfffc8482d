'use client';
import type { ComponentType, SVGProps } from 'react';
import type { AccountStatus } from '#lib/account-state/status.ts';
import { STATUS_BADGES } from '../account-status-badge.tsx';

type Icon = ComponentType<SVGProps<SVGSVGElement>>;

const buildId = (status: string) => `status-${status}`;

/** Contains the drawing of each status's icon once, because a page of the list has many. Shows nothing by itself. */
export function StatusIconDrawings({ statuses }: { statuses: AccountStatus[] }) {
  return (
    <svg aria-hidden="true" className="hidden">
      {[...new Set(statuses)].map((status) => {
        const Drawing = STATUS_BADGES[status].icon;
        return <Drawing key={status} id={buildId(status)} width="100%" height="100%" />;
      })}
    </svg>
  );
}

/** Creates an icon that refers to the drawing. */
const createIcon =
  (status: string): Icon =>
  (props) => (
    <svg aria-hidden="true" {...props}>
      <use href={`#${buildId(status)}`} />
    </svg>
  );

/** The icons of the statuses, on a page with their drawings. */
export const STATUS_ICONS = Object.fromEntries(
  Object.keys(STATUS_BADGES).map((status) => [status, createIcon(status)]),
) as Record<AccountStatus, Icon>;
