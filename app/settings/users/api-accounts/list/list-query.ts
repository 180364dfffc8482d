export const LIST_PATH = '/settings/users/api-accounts';

/** The list's state in the URL: the search, the cursor of the page, and the account whose editor is open. */
export type ListQuery = { search: string; after?: string; before?: string; edit?: string };

type SearchParams = Record<string, string | string[] | undefined>;

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** Reads the URL's query and ignores malformed values. */
export function readListQuery(parameters: SearchParams): ListQuery {
  const query: ListQuery = { search: (first(parameters.search) ?? '').trim().slice(0, 200) };
  for (const name of ['after', 'before', 'edit'] as const) {
    const value = first(parameters[name]);
    if (value && /^[\w-]{1,1000}$/.test(value)) query[name] = value;
  }
  return query;
}

/** Returns the URL of the list in that state. */
export function buildListHref(query: Partial<ListQuery>): string {
  const parameters = new URLSearchParams();
  for (const name of ['search', 'after', 'before', 'edit'] as const) {
    const value = query[name];
    if (value) parameters.set(name, value);
  }
  return parameters.size > 0 ? `${LIST_PATH}?${parameters}` : LIST_PATH;
}
