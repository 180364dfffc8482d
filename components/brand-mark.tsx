import { classNames } from './class-names.ts';

/** Renders the logo: a stage door that is ajar, with a lamp above it. */
export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={classNames('size-8 shrink-0', className)}>
      <rect width="32" height="32" rx="8" className="fill-sidebar-raised" />
      <path d="M15 25h7l4.5 4.5H9z" className="fill-accent" opacity="0.3" />
      <path d="M10 25V13.5a6 6 0 0 1 12 0V25z" className="fill-accent" />
      <path d="M10 25V13.5a6 6 0 0 1 5.5-5.98V27.5z" className="fill-sidebar" />
      <circle cx="13.4" cy="17.75" r="0.9" className="fill-accent" />
      <path d="M14 4.75a2 2 0 0 1 4 0z" className="fill-accent" />
    </svg>
  );
}
