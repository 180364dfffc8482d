import type { AuditFilter } from './schema.ts';

export const FILTER_NAMES = [
  'search',
  'action',
  'by',
  'account',
  'user',
  'outcome',
  'from',
  'to',
] as const satisfies (keyof AuditFilter)[];

/** Lists the filters that are set, as pairs of name and value. */
export function listActiveFilters(filter: Partial<AuditFilter>): [keyof AuditFilter, string][] {
  return FILTER_NAMES.flatMap((name) => {
    const value = filter[name];
    return value ? [[name, value] as [keyof AuditFilter, string]] : [];
  });
}
