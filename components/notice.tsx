import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export type NoticeTone = 'info' | 'warning' | 'danger' | 'success';

const TONES = {
  info: { icon: Info, box: 'border-info-line bg-info-soft', accent: 'text-info' },
  warning: { icon: TriangleAlert, box: 'border-warning-line bg-warning-soft', accent: 'text-warning' },
  danger: { icon: CircleAlert, box: 'border-danger-line bg-danger-soft', accent: 'text-danger' },
  success: { icon: CircleCheck, box: 'border-success-line bg-success-soft', accent: 'text-success' },
} as const;

export type NoticeProps = {
  tone: NoticeTone;
  title?: ReactNode;
  children?: ReactNode;
  /** Makes screen readers announce the notice when it appears. For something that has just happened. */
  announce?: boolean;
  className?: string;
};

/** Highlights a few sentences: what will happen, what went wrong or what to do. */
export function Notice({ tone, title, children, announce = false, className }: NoticeProps) {
  const { icon: Icon, box, accent } = TONES[tone];
  return (
    <div
      role={announce ? 'alert' : undefined}
      className={classNames('flex gap-2.5 rounded-md border px-3.5 py-3', box, className)}
    >
      <Icon aria-hidden="true" className={classNames('mt-0.5 size-4.5 shrink-0', accent)} />
      <div className="min-w-0 flex-1 break-words">
        {title && <p className="font-semibold">{title}</p>}
        {children && (
          <div className={classNames(title ? 'mt-0.5' : undefined, 'grid gap-1.5')}>{children}</div>
        )}
      </div>
    </div>
  );
}
