import { z } from 'zod';
import { normalizeSearch } from '#lib/platform/user-input/name.ts';
import { ACCOUNT_TABS, type AccountFilter, SORT_COLUMNS } from './list-filter.ts';

/** Returns the first value of a query parameter, which may be repeated. */
const getFirst = (value: unknown) => (Array.isArray(value) ? value[0] : value);
const withDefault = <Output>(schema: z.ZodType<Output>, fallback: Output) =>
  z.preprocess(getFirst, schema).catch(fallback);

/** Validates the list's query parameters. A missing or malformed value becomes the default. */
export const accountFilterSchema: z.ZodType<AccountFilter> = z.object({
  search: withDefault(
    z.string().transform((text) => normalizeSearch(text).slice(0, 200)),
    '',
  ),
  status: withDefault(z.enum(ACCOUNT_TABS), 'all'),
  sort: withDefault(z.enum(SORT_COLUMNS), 'username'),
  order: withDefault(z.enum(['asc', 'desc']), 'asc'),
});
