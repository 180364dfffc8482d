import type { ComponentType, SVGProps } from 'react';
import { classNames } from './class-names.ts';

export type BadgeTone = 'neutral' | 'info' | 'success' | 'warning' | 'danger';

/** Whole names, because Tailwind CSS looks for them in the source. */
const TONES: Record<BadgeTone, string> = {
  neutral: 'badge-neutral',
  info: 'badge-info',
  success: 'badge-success',
  warning: 'badge-warning',
  danger: 'badge-danger',
};

type StatusBadgeProps = {
  tone: BadgeTone;
  /** Identifies the status without its colour. */
  icon?: ComponentType<SVGProps<SVGSVGElement>>;
  children: string;
};

/** Shows a status in one to three words. */
export function StatusBadge({ tone, icon: Icon, children }: StatusBadgeProps) {
  return (
    <span className={classNames('badge', TONES[tone])}>
      {Icon && <Icon aria-hidden="true" />}
      <span>{children}</span>
    </span>
  );
}
