import { type AccountFilter, DEFAULT_FILTER } from '#lib/api-accounts/list-filter.ts';
import type { ExportFormat } from '#lib/audit/schema.ts';

export const API_ACCOUNTS_PATH = '/settings/users/api-accounts';

/** The id of the list, which gets the focus if the focused row disappears. */
export const LIST_ID = 'api-accounts';

/**
 * The list's state in the URL: the filter, the cursor of the page, and the id of the account that was just created.
 * `edit`: the id of an account; an earlier version of the list opened it.
 */
export type AccountsQuery = {
  filter: AccountFilter;
  after?: string;
  before?: string;
  edit?: string;
  created?: string;
};

/** The parameters of the URL besides the filter's. */
export const QUERY_NAMES = ['after', 'before', 'edit', 'created'] as const;

type AccountsState = Partial<Omit<AccountsQuery, 'filter'>> & { filter?: Partial<AccountFilter> };

type HrefState = AccountsState & { format?: ExportFormat };

function buildHref(path: string, { filter = {}, ...rest }: HrefState): string {
  const set = Object.entries(filter).filter(
    ([name, value]) => value !== undefined && value !== DEFAULT_FILTER[name as keyof AccountFilter],
  );
  const parameters = new URLSearchParams(set);
  for (const name of [...QUERY_NAMES, 'format'] as const) if (rest[name]) parameters.set(name, rest[name]);
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

/** Returns the URL of the list in this state. */
export const buildAccountsHref = (state: AccountsState) => buildHref(API_ACCOUNTS_PATH, state);

/** Returns the URL that exports the accounts that the filter selects. */
export const buildExportHref = ({ search, status }: AccountFilter, format: ExportFormat) =>
  buildHref(`${API_ACCOUNTS_PATH}/export`, { filter: { search, status }, format });
