import { normalizeSearch } from '#lib/platform/user-input/name.ts';

export const API_ACCOUNTS_PATH = '/settings/users/api-accounts';

/**
 * The list's state in the URL: the search, the cursor of the page, and the id of the account whose editor is open.
 * An `edit` that is not on this page of the list opens no editor.
 */
export type AccountsQuery = { search: string; after?: string; before?: string; edit?: string };

type SearchParams = Record<string, string | string[] | undefined>;

const getFirst = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** Reads the URL's query. Ignores malformed values and truncates a long search. */
export function readAccountsQuery(parameters: SearchParams): AccountsQuery {
  const query: AccountsQuery = { search: normalizeSearch(getFirst(parameters.search) ?? '').slice(0, 200) };
  for (const name of ['after', 'before', 'edit'] as const) {
    const value = getFirst(parameters[name]);
    if (value && /^[\w-]{1,1000}$/.test(value)) query[name] = value;
  }
  return query;
}

/** Returns the URL of the list in this state. */
export function buildAccountsHref(query: Partial<AccountsQuery>): string {
  const parameters = new URLSearchParams();
  for (const name of ['search', 'after', 'before', 'edit'] as const) {
    const value = query[name];
    if (value) parameters.set(name, value);
  }
  return parameters.size > 0 ? `${API_ACCOUNTS_PATH}?${parameters}` : API_ACCOUNTS_PATH;
}
