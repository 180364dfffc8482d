import type { ComponentType, SVGProps } from 'react';
import { classNames } from './class-names.ts';

export type BadgeTone = 'neutral' | 'info' | 'success' | 'warning' | 'danger';

const TONES: Record<BadgeTone, string> = {
  neutral: 'border-line bg-sunken text-muted',
  info: 'border-info-line bg-info-soft text-info',
  success: 'border-success-line bg-success-soft text-success',
  warning: 'border-warning-line bg-warning-soft text-warning',
  danger: 'border-danger-line bg-danger-soft text-danger',
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
    <span
      className={classNames(
        'inline-flex items-center gap-1.5 justify-self-start whitespace-nowrap rounded-full border py-0.5 ps-2 pe-2.5 font-medium text-xs [&_svg]:size-3.5 [&_svg]:shrink-0',
        TONES[tone],
      )}
    >
      {Icon && <Icon aria-hidden="true" />}
      <span>{children}</span>
    </span>
  );
}
