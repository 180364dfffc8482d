/** Where the list is. */
export const LIST_PATH = '/settings/users/api-accounts';

/** What the address bar says of the list: what is searched for, from where the page goes on, which editor is open. */
export type ListQuery = { search: string; after?: string; before?: string; edit?: string };

type Parameters = Record<string, string | string[] | undefined>;

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** Reads the address's query; whatever is malformed counts as not there. */
export function readListQuery(parameters: Parameters): ListQuery {
  const query: ListQuery = { search: (one(parameters.search) ?? '').trim().slice(0, 200) };
  for (const name of ['after', 'before', 'edit'] as const) {
    const value = one(parameters[name]);
    if (value && /^[\w-]{1,1000}$/.test(value)) query[name] = value;
  }
  return query;
}

/** The address of the list in that state. */
export function listHref(query: Partial<ListQuery>): string {
  const parameters = new URLSearchParams();
  for (const name of ['search', 'after', 'before', 'edit'] as const) {
    const value = query[name];
    if (value) parameters.set(name, value);
  }
  return parameters.size > 0 ? `${LIST_PATH}?${parameters}` : LIST_PATH;
}
