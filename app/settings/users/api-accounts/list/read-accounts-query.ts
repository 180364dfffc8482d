import { z } from 'zod';
import { accountFilterSchema } from '#lib/api-accounts/list-filter-schema.ts';
import { type AccountsQuery, QUERY_NAMES } from './accounts-query.ts';

type SearchParams = Record<string, string | string[] | undefined>;

const SHAPES = {
  after: z.string().regex(/^[\w-]{1,2000}$/),
  before: z.string().regex(/^[\w-]{1,2000}$/),
  edit: z.uuid(),
  created: z.uuid(),
} satisfies Record<(typeof QUERY_NAMES)[number], z.ZodType<string>>;

const getFirst = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** Reads the URL's query. Ignores malformed values and truncates a long search. */
export function readAccountsQuery(parameters: SearchParams): AccountsQuery {
  const query: AccountsQuery = { filter: accountFilterSchema.parse(parameters) };
  for (const name of QUERY_NAMES) {
    const { data } = SHAPES[name].safeParse(getFirst(parameters[name]));
    if (data) query[name] = data;
  }
  return query;
}
