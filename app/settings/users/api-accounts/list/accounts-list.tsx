import type { AccountPage } from '#lib/api-accounts/list.ts';
import { NewAccountButton } from '../account-buttons.tsx';
import { AccountsTable } from './accounts-table.tsx';
import { EmptyList, NothingFound } from './empty-list.tsx';
import type { ListQuery } from './list-query.ts';
import { Pager } from './pager.tsx';
import { SearchForm } from './search-form.tsx';

/** From here on the count is not exact: see `listApiAccounts`. */
const COUNT_LIMIT = 10_000;

function inWords(total: number, search: string): string {
  const number = total >= COUNT_LIMIT ? '10,000 or more' : total.toLocaleString('en-GB');
  const noun = total === 1 ? 'account' : 'accounts';
  return search ? `${number} ${noun} found` : `${number} ${noun}`;
}

type AccountsListProps = { page: AccountPage; query: ListQuery; canAct: boolean };

/** The list with its search, whatever there is to show. */
export function AccountsList({ page, query, canAct }: AccountsListProps) {
  const { accounts, next, previous, total } = page;
  const action = canAct && <NewAccountButton />;
  const isPlace = query.after !== undefined || query.before !== undefined;
  const isFirstVisit = accounts.length === 0 && !query.search && !isPlace;

  if (isFirstVisit) {
    return (
      <section aria-label="API Accounts" className={CARD}>
        <EmptyList action={action} />
      </section>
    );
  }
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <SearchForm search={query.search} />
        <p role="status" className="text-muted text-sm tabular-nums">
          {inWords(total, query.search)}
        </p>
      </div>
      <section aria-label="API Accounts" className={CARD}>
        {accounts.length === 0 ? (
          <NothingFound search={query.search} action={action} />
        ) : (
          <AccountsTable accounts={accounts} query={query} canAct={canAct} now={new Date()} />
        )}
      </section>
      {accounts.length > 0 && (
        <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
          {next === null && action}
          <div className="ms-auto">
            <Pager search={query.search} previous={previous} next={next} />
          </div>
        </div>
      )}
    </>
  );
}

const CARD = 'rounded-lg border border-line bg-surface shadow-card';
