import { auditFilterSchema } from '#lib/audit/schema.ts';
import type { AuditQuery } from './audit-query.ts';

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
