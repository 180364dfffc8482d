import { type AuditFilter, auditFilterSchema, setFilters } from '#lib/audit/schema.ts';

/** Where the audit log is. */
export const AUDIT_LOG_PATH = '/settings/audit-log';

/** What the address bar says of the log: what is wanted, and from where the page goes on. */
export type AuditQuery = { filter: AuditFilter; after?: string; before?: string };

type Parameters = Record<string, string | string[] | undefined>;

/** Reads the address's query; whatever is malformed counts as not there. */
export function readAuditQuery(parameters: Parameters): AuditQuery {
  const query: AuditQuery = { filter: auditFilterSchema.parse(parameters) };
  for (const name of ['after', 'before'] as const) {
    const value = parameters[name];
    if (typeof value === 'string' && /^[\w-]{1,200}$/.test(value)) query[name] = value;
  }
  return query;
}

/** The address of the log, narrowed down so; `more`: a place in it, or the format of an export. */
export function auditHref(
  filter: Partial<AuditFilter>,
  more: Record<string, string> = {},
  path = AUDIT_LOG_PATH,
): string {
  const parameters = new URLSearchParams([...setFilters(filter), ...Object.entries(more)]);
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}
