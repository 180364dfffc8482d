import Link from 'next/link';
import { formatCount } from '#components/format.ts';
import { LinkSpinner } from '#components/link-spinner.tsx';
import type { AccountCount, AccountCounts } from '#lib/api-accounts/count.ts';
import { ACCOUNT_TABS, type AccountFilter, TAB_LABELS } from '#lib/api-accounts/list-filter.ts';
import { buildAccountsHref } from './accounts-query.ts';

/** Formats a number of accounts, such as "60", or "10,000+" if there are more than were counted. */
export const formatAccountCount = ({ count, isExact }: AccountCount) =>
  isExact ? formatCount(count) : `${formatCount(count)}+`;

type StatusTabsProps = { filter: AccountFilter; counts: AccountCounts };

/** Renders links that select the accounts by status, with how many match the search. They keep the search and the order. */
export function StatusTabs({ filter, counts }: StatusTabsProps) {
  return (
    <nav aria-label="Filter by status" className="mb-4">
      <ul className="flex flex-wrap gap-x-1 gap-y-1 border-line border-b">
        {ACCOUNT_TABS.map((status) => (
          <li key={status}>
            <Link
              href={buildAccountsHref({ filter: { ...filter, status } })}
              prefetch={false}
              aria-current={status === filter.status ? 'page' : undefined}
              className="-mb-px inline-flex min-h-10 items-center gap-2 rounded-t-md border-transparent border-b-2 px-2.5 font-medium text-muted hover:text-ink aria-[current=page]:border-ring aria-[current=page]:text-ink sm:px-3"
            >
              <span>{TAB_LABELS[status]}</span>{' '}
              <span className="rounded-full bg-sunken px-1.5 text-muted text-xs tabular-nums">
                <LinkSpinner>{formatAccountCount(counts[status])}</LinkSpinner>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
