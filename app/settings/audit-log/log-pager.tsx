'use client';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import Link, { useLinkStatus } from 'next/link';
import type { ReactNode } from 'react';
import { buttonClass } from '#components/button-class.ts';
import { Spinner } from '#components/spinner.tsx';
import type { AuditFilter } from '#lib/audit/schema.ts';
import { auditHref } from './audit-query.ts';

type LogPagerProps = { filter: AuditFilter; newer: string | null; older: string | null };

/** Links newer and older entries; renders nothing if there is only one page. */
export function LogPager({ filter, newer, older }: LogPagerProps) {
  if (!newer && !older) return null;
  return (
    <nav aria-label="Pages" className="mt-4 flex justify-end gap-2">
      {newer && (
        <Link
          href={auditHref(filter, { before: newer })}
          prefetch={false}
          className={buttonClass('secondary')}
        >
          <LinkIcon icon={<ChevronLeft aria-hidden="true" />} />
          Newer
        </Link>
      )}
      {older && (
        <Link
          href={auditHref(filter, { after: older })}
          prefetch={false}
          className={buttonClass('secondary')}
        >
          Older
          <LinkIcon icon={<ChevronRight aria-hidden="true" />} />
        </Link>
      )}
    </nav>
  );
}

function LinkIcon({ icon }: { icon: ReactNode }) {
  const { pending } = useLinkStatus();
  return pending ? <Spinner /> : icon;
}
