import type { ReactNode } from 'react';
import { BrandMark } from './brand-mark.tsx';
import { classNames } from './class-names.ts';

export type PublicFrameProps = {
  organisation: string;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  /** Small print below the card. */
  footer?: ReactNode;
  /** For a page with examples of code, which need longer lines. */
  isWide?: boolean;
};

/** Frames a page outside the settings: the logo, the organisation and one card. */
export function PublicFrame({
  organisation,
  title,
  description,
  children,
  footer,
  isWide = false,
}: PublicFrameProps) {
  return (
    <div
      className={classNames(
        'accent-glow flex min-h-dvh flex-col items-center px-4 pt-10 pb-8',
        isWide ? undefined : 'sm:pt-[14vh]',
      )}
    >
      <div className={classNames('flex w-full flex-col items-center', isWide ? 'max-w-2xl' : 'max-w-md')}>
        <header className="flex max-w-full flex-col items-center">
          <BrandMark className="size-12" />
          <p className="mt-3 max-w-full text-balance break-words text-center font-medium text-muted">
            {organisation}
          </p>
        </header>
        <main className="mt-6 w-full rounded-xl border border-line bg-surface p-5 shadow-card sm:p-8">
          <h1 className="text-balance font-semibold text-2xl tracking-tight">{title}</h1>
          {description && <div className="mt-2 text-muted">{description}</div>}
          <div className="mt-6">{children}</div>
        </main>
        {footer && <footer className="mt-5 text-balance text-center text-muted text-sm">{footer}</footer>}
      </div>
    </div>
  );
}
