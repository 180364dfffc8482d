import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

type SkeletonShapesProps = { children: ReactNode; className?: string };

/** Frames grey shapes that stand in for what loads. Hidden from screen readers, and nothing in it can be used. */
export function SkeletonShapes({ children, className }: SkeletonShapesProps) {
  return (
    <div aria-hidden="true" inert className={classNames('motion-safe:animate-pulse', className)}>
      {children}
    </div>
  );
}

type SkeletonProps = SkeletonShapesProps & {
  /** What screen readers announce. */
  label?: string;
  /** The page that it is a part of announces that it loads, so this part is only found by reading. */
  isPart?: boolean;
};

/**
 * Shows grey shapes while content loads, as large as the content, so that nothing moves when it arrives. Screen
 * readers announce once that it loads.
 */
export function Skeleton({ label = 'Loading…', isPart = false, ...shapes }: SkeletonProps) {
  return (
    <>
      {/* Outside the busy region, because changes within it are not announced. */}
      <p role={isPart ? undefined : 'status'} className="sr-only">
        {label}
      </p>
      <div aria-busy="true">
        <SkeletonShapes {...shapes} />
      </div>
    </>
  );
}

/** Draws a line of text, as high as one of the inherited size. `className`: its width, such as `w-2/5`. */
export function SkeletonLine({ className }: { className: string }) {
  return (
    <span className="flex h-[1lh] min-w-0 items-center">
      <span className={classNames('block h-[0.7em] max-w-full rounded-sm bg-line', className)} />
    </span>
  );
}

/** Draws a button or a field. `className`: its size; by default that of a button. */
export function SkeletonBox({ className = 'h-10 w-32 sm:h-9' }: { className?: string }) {
  return (
    <div className={classNames('max-w-full shrink-0 rounded-md border border-line bg-sunken', className)} />
  );
}

/** Draws a bar in place of each line of a text that is known, or as long as the one that comes. */
export function SkeletonText({ children }: { children: ReactNode }) {
  return (
    <span className="select-none rounded-sm bg-line box-decoration-clone text-transparent forced-colors:opacity-0">
      {children}
    </span>
  );
}

/** Draws a `TextField` with this label and description. */
export function SkeletonField({ label, description }: { label: string; description?: string }) {
  return (
    <div className="grid content-start gap-1.5">
      <p className="font-medium">
        <SkeletonText>{label}</SkeletonText>
      </p>
      <SkeletonBox className="h-10 w-full" />
      {description && (
        <p className="text-sm">
          <SkeletonText>{description}</SkeletonText>
        </p>
      )}
    </div>
  );
}

/** The widths of the lines, in turn, so that they look like text. */
export const ROW_WIDTHS = ['w-2/5', 'w-3/5', 'w-1/2'];

/** Draws the rows of a list of one-line entries. */
export function SkeletonRows({ rows }: { rows: number }) {
  return (
    <div className="grid gap-2">
      {Array.from({ length: rows }, (_, row) => (
        <div key={String(row)} className="flex min-h-10 items-center px-2.5">
          <div className={classNames('h-3.5 rounded-sm bg-line', ROW_WIDTHS[row % ROW_WIDTHS.length])} />
        </div>
      ))}
    </div>
  );
}
