import { formatCount } from '#components/format.ts';
import { Pager } from '#components/pager.tsx';
import { type AccountPage, COUNT_LIMIT } from '#lib/api-accounts/list.ts';
import { NewAccountButton } from '../account-buttons.tsx';
import { type AccountsQuery, buildAccountsHref } from './accounts-query.ts';
import { AccountsTable } from './accounts-table.tsx';
import { EmptyList, NothingFound } from './empty-list.tsx';
import { SearchForm } from './search-form.tsx';

const CARD_CLASS = 'rounded-lg border border-line bg-surface shadow-card';

function formatTotal(total: number, search: string): string {
  const number = total >= COUNT_LIMIT ? `${formatCount(COUNT_LIMIT)}+` : formatCount(total);
  const noun = total === 1 ? 'account' : 'accounts';
  return search ? `${number} ${noun} found` : `${number} ${noun}`;
}

type AccountsListProps = { page: AccountPage; query: AccountsQuery; canEdit: boolean };

/** Renders a page of the list with a search and links to other pages, or explains why it is empty. */
export function AccountsList({ page, query, canEdit }: AccountsListProps) {
  const { accounts, next, previous, total } = page;
  const { search } = query;
  const action = canEdit && <NewAccountButton />;
  const isLaterPage = query.after !== undefined || query.before !== undefined;
  const hasNoAccounts = accounts.length === 0 && !search && !isLaterPage;

  if (hasNoAccounts) {
    return (
      <section aria-label="API Accounts" className={CARD_CLASS}>
        <EmptyList action={action} />
      </section>
    );
  }
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <SearchForm search={search} />
        <p role="status" className="text-muted text-sm tabular-nums">
          {formatTotal(total, search)}
        </p>
      </div>
      <section aria-label="API Accounts" className={CARD_CLASS}>
        {accounts.length === 0 ? (
          <NothingFound search={search} action={action} />
        ) : (
          <AccountsTable accounts={accounts} query={query} canEdit={canEdit} now={new Date()} />
        )}
      </section>
      {accounts.length > 0 && (
        <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
          {next === null && action}
          <div className="ms-auto">
            <Pager
              previous={{
                label: 'Previous',
                href: previous && buildAccountsHref({ search, before: previous }),
              }}
              next={{ label: 'Next', href: next && buildAccountsHref({ search, after: next }) }}
            />
          </div>
        </div>
      )}
    </>
  );
}
