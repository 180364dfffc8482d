'use client';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import Link, { useLinkStatus } from 'next/link';
import { buttonClass } from '#components/button-class.ts';
import { Spinner } from '#components/spinner.tsx';
import { listHref } from './list-query.ts';

type PagerProps = { search: string; previous: string | null; next: string | null };

/** Links the previous and the next page; renders nothing if there is only one. */
export function Pager({ search, previous, next }: PagerProps) {
  if (!previous && !next) return null;
  return (
    <nav aria-label="Pages" className="flex gap-2">
      {previous && (
        <Link
          href={listHref({ search, before: previous })}
          prefetch={false}
          className={buttonClass('secondary')}
        >
          <LinkIcon icon={<ChevronLeft aria-hidden="true" />} />
          Previous
        </Link>
      )}
      {next && (
        <Link href={listHref({ search, after: next })} prefetch={false} className={buttonClass('secondary')}>
          Next
          <LinkIcon icon={<ChevronRight aria-hidden="true" />} />
        </Link>
      )}
    </nav>
  );
}

function LinkIcon({ icon }: { icon: React.ReactNode }) {
  const { pending } = useLinkStatus();
  return pending ? <Spinner /> : icon;
}
