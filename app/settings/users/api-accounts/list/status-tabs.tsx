'use client';
import Link from 'next/link';
import { LinkSpinner } from '#components/link-spinner.tsx';
import type { AccountCounts } from '#lib/api-accounts/count.ts';
import {
  ACCOUNT_TABS,
  type AccountFilter,
  type AccountTab,
  EXPIRING_DAYS,
  TAB_LABELS,
  UNCOLLECTED_DAYS,
  UNUSED_DAYS,
} from '#lib/api-accounts/list-filter.ts';
import { buildAccountsHref } from './accounts-query.ts';
import { formatAccountCount } from './format-account-count.ts';

type StatusTabsProps = {
  filter: AccountFilter;
  /** Null while they load. */
  counts: AccountCounts | null;
};

/** Formats the number in a tab. Returns null if it was not counted. */
function formatTabCount(counts: AccountCounts | null, status: AccountTab): string | null {
  if (!counts) return '…';
  const count = counts[status];
  return count && formatAccountCount(count);
}

/** Renders links that select the accounts by status, with how many match the search, if that could be counted. They keep the search and the order. */
export function StatusTabs({ filter, counts }: StatusTabsProps) {
  return (
    <nav aria-label="Filter by status" className="mb-4">
      <ul className="grid grid-cols-[2fr_3fr] gap-x-1 border-line border-b sm:flex sm:flex-wrap">
        {ACCOUNT_TABS.map((status) => (
          <li key={status}>
            <Link
              href={buildAccountsHref({ filter: { ...filter, status } })}
              prefetch={false}
              aria-current={status === filter.status ? 'page' : undefined}
              className="tab"
            >
              <span>{TAB_LABELS[status]}</span>{' '}
              <span className="tab-count">
                <LinkSpinner>{formatTabCount(counts, status)}</LinkSpinner>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Explains a tab whose label does not. */
export function TabExplanation({ status, canEdit }: { status: AccountTab; canEdit: boolean }) {
  const text = {
    expiring: `Active accounts that expire within ${EXPIRING_DAYS} days, or have expired. Their keys are refused from then on.${canEdit ? ' Open the ones that are still needed, and extend them.' : ''}`,
    unused: `Active accounts whose key wasn’t collected within ${UNCOLLECTED_DAYS} days, or hasn’t been used for ${UNUSED_DAYS} days.${canEdit ? ' Deactivate the ones that no longer need access.' : ''}`,
  };
  if (status !== 'expiring' && status !== 'unused') return null;
  return <p className="mb-4 max-w-3xl text-muted text-sm">{text[status]}</p>;
}
