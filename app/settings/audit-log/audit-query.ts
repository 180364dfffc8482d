import { listActiveFilters } from '#lib/audit/filter.ts';
import type { AuditFilter } from '#lib/audit/schema.ts';

export const AUDIT_LOG_PATH = '/settings/audit-log';

export const CLEAR_FILTERS_LABEL = 'Clear all';

/** The state of the log's page in the URL. The entries `after` a cursor are older, because the newest come first. */
export type AuditQuery = { filter: AuditFilter; after?: string; before?: string };

/** Returns the URL of the filtered log. `extra`: a cursor, or the format of an export. */
export function buildAuditHref(
  filter: Partial<AuditFilter>,
  extra: Record<string, string> = {},
  path = AUDIT_LOG_PATH,
): string {
  const parameters = new URLSearchParams([...listActiveFilters(filter), ...Object.entries(extra)]);
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}
