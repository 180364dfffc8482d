import { Download } from 'lucide-react';
import { buttonClass } from '#components/button-class.ts';
import { formatCount } from '#components/format.ts';
import { Pager } from '#components/pager.tsx';
import type { AccountPage } from '#lib/api-accounts/list.ts';
import { NewAccountButton } from '../account-buttons.tsx';
import { type AccountsQuery, buildAccountsHref, buildExportHref, LIST_ID } from './accounts-query.ts';
import { AccountsTable } from './accounts-table.tsx';
import { CARD_CLASS } from './card-class.ts';
import { EmptyList, NothingFound } from './empty-list.tsx';
import { formatAccountCount } from './format-account-count.ts';
import { SearchForm } from './search-form.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { StatusTabs, TabExplanation } from './status-tabs.tsx';
import { toColumns } from './to-columns.ts';

const EXPORTS = [
  { format: 'csv', label: 'Export CSV' },
  { format: 'jsonl', label: 'Export JSON Lines' },
] as const;

/** Formats which accounts a page shows, such as "1–50 of 60". */
function formatRange({ offset, size, total }: AccountPage): string {
  if (size === 0) return 'No accounts';
  const range = `${formatCount(offset + 1)}–${formatCount(offset + size)}`;
  return `${range} of ${formatAccountCount(total)}`;
}

type AccountsListProps = { page: AccountPage; query: AccountsQuery; canEdit: boolean };

/** Renders a page of the list with its tabs, search and links to other pages, or explains why it is empty. */
export function AccountsList({ page, query, canEdit }: AccountsListProps) {
  const { accounts, created, size, next, previous, counts } = page;
  const { filter } = query;
  const action = canEdit && <NewAccountButton />;

  if (counts.all?.count === 0 && !filter.search) {
    return (
      <section aria-label="API Accounts" className={CARD_CLASS}>
        <EmptyList action={action} />
      </section>
    );
  }
  const columns = toColumns(accounts);
  return (
    <>
      <StatusTabs filter={filter} counts={counts} />
      <TabExplanation status={filter.status} canEdit={canEdit} />
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-3">
        <SearchForm filter={filter} />
        <p role="status" className="me-auto text-muted text-sm tabular-nums">
          {formatRange(page)}
        </p>
        {canEdit && size > 0 && (
          <div className="flex flex-wrap gap-2">
            {EXPORTS.map(({ format, label }) => (
              // Not a `Link`, because its prefetching would record an export.
              <a
                key={format}
                href={buildExportHref(filter, format)}
                download
                className={buttonClass('secondary')}
              >
                <Download aria-hidden="true" />
                {label}
              </a>
            ))}
          </div>
        )}
      </div>
      {canEdit && size > 0 && (
        <SelectionBar
          filter={filter}
          accounts={columns}
          created={created}
          total={formatAccountCount(page.total)}
          hasOtherPages={previous !== null || next !== null}
        />
      )}
      <section id={LIST_ID} tabIndex={-1} aria-label="API Accounts" className={CARD_CLASS}>
        {size > 0 || created ? (
          <AccountsTable
            accounts={columns}
            created={created}
            filter={filter}
            canEdit={canEdit}
            now={new Date()}
          />
        ) : (
          <NothingFound filter={filter} action={action} />
        )}
      </section>
      {(previous || next) && (
        <div className="mt-4 flex justify-end">
          <Pager
            previous={{
              label: 'Previous',
              href: previous && buildAccountsHref({ filter, before: previous }),
            }}
            next={{ label: 'Next', href: next && buildAccountsHref({ filter, after: next }) }}
          />
        </div>
      )}
    </>
  );
}
