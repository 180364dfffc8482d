import { z } from 'zod';
import { type AccountFilter, accountFilterSchema, DEFAULT_FILTER } from '#lib/api-accounts/list-filter.ts';

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

type SearchParams = Record<string, string | string[] | undefined>;

const SHAPES = {
  after: z.string().regex(/^[\w-]{1,2000}$/),
  before: z.string().regex(/^[\w-]{1,2000}$/),
  edit: z.uuid(),
  created: z.uuid(),
};
const NAMES = Object.keys(SHAPES) as (keyof typeof SHAPES)[];

const getFirst = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** Reads the URL's query. Ignores malformed values and truncates a long search. */
export function readAccountsQuery(parameters: SearchParams): AccountsQuery {
  const query: AccountsQuery = { filter: accountFilterSchema.parse(parameters) };
  for (const name of NAMES) {
    const { data } = SHAPES[name].safeParse(getFirst(parameters[name]));
    if (data) query[name] = data;
  }
  return query;
}

type AccountsState = Partial<Omit<AccountsQuery, 'filter'>> & { filter?: Partial<AccountFilter> };

function buildHref(path: string, { filter = {}, ...rest }: AccountsState): string {
  const set = Object.entries(filter).filter(
    ([name, value]) => value !== undefined && value !== DEFAULT_FILTER[name as keyof AccountFilter],
  );
  const parameters = new URLSearchParams(set);
  for (const name of NAMES) if (rest[name]) parameters.set(name, rest[name]);
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

/** Returns the URL of the list in this state. */
export const buildAccountsHref = (state: AccountsState) => buildHref(API_ACCOUNTS_PATH, state);

/** Returns the URL that exports the accounts that the filter selects. */
export const buildExportHref = ({ search, status }: AccountFilter) =>
  buildHref(`${API_ACCOUNTS_PATH}/export`, { filter: { search, status } });
