import { ChevronLeft, ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { buttonClass } from './button-class.ts';
import { classNames } from './class-names.ts';
import { LinkSpinner } from './link-spinner.tsx';

/** `href` is null if there is no such page. */
type PagerLink = { label: string; href: string | null };

type PagerProps = { previous: PagerLink; next: PagerLink; className?: string };

/** Links to the previous and the next page; renders nothing if there is only one page. */
export function Pager({ previous, next, className }: PagerProps) {
  if (!previous.href && !next.href) return null;
  return (
    <nav aria-label="Pages" className={classNames('flex gap-2', className)}>
      {previous.href && (
        <Link href={previous.href} prefetch={false} className={buttonClass('secondary')}>
          <LinkSpinner>
            <ChevronLeft aria-hidden="true" />
          </LinkSpinner>
          {previous.label}
        </Link>
      )}
      {next.href && (
        <Link href={next.href} prefetch={false} className={buttonClass('secondary')}>
          {next.label}
          <LinkSpinner>
            <ChevronRight aria-hidden="true" />
          </LinkSpinner>
        </Link>
      )}
    </nav>
  );
}
