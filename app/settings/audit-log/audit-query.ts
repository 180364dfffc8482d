import { type AuditFilter, auditFilterSchema, listActiveFilters } from '#lib/audit/schema.ts';

export const AUDIT_LOG_PATH = '/settings/audit-log';

export const CLEAR_FILTERS_LABEL = 'Clear all';

/** The state of the log's page in the URL. The entries `after` a cursor are older, because the newest come first. */
export type AuditQuery = { filter: AuditFilter; after?: string; before?: string };

type SearchParams = Record<string, string | string[] | undefined>;

/** Reads the URL's query and ignores malformed values. */
export function readAuditQuery(parameters: SearchParams): AuditQuery {
  const query: AuditQuery = { filter: auditFilterSchema.parse(parameters) };
  for (const name of ['after', 'before'] as const) {
    const value = parameters[name];
    if (typeof value === 'string' && /^[\w-]{1,200}$/.test(value)) query[name] = value;
  }
  return query;
}

/** Returns the URL of the filtered log. `extra`: a cursor, or the format of an export. */
export function buildAuditHref(
  filter: Partial<AuditFilter>,
  extra: Record<string, string> = {},
  path = AUDIT_LOG_PATH,
): string {
  const parameters = new URLSearchParams([...listActiveFilters(filter), ...Object.entries(extra)]);
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}
