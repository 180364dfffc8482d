import { z } from 'zod';

const firstValue = (value: unknown) => (Array.isArray(value) ? value[0] : value);
/** Makes a query parameter optional. A malformed value counts as missing. */
const optional = (schema: z.ZodType<string>) => z.preprocess(firstValue, schema).catch('');

/** Rejects NUL, which PostgreSQL cannot store in text. */
const searchText = z
  .string()
  .trim()
  .max(200)
  .regex(/^[^\0]*$/);
/** PostgreSQL has no year 0. */
const date = z.iso.date().refine((text) => !text.startsWith('0000'));

/** Filters of the audit log. An empty string means no restriction. */
export const auditFilterSchema = z.object({
  /** Part of a username, name or email address, or the beginning of an IP address. */
  search: optional(searchText),
  action: optional(z.string().regex(/^[a-z_.]{1,60}$/)),
  /** The actor's user id, or `nobody` for the integrator, the system and unauthenticated requests. */
  by: optional(z.union([z.uuid(), z.literal('nobody')])),
  /** An account's id, or part of its username. */
  account: optional(searchText),
  /** The affected user's id. */
  user: optional(z.uuid()),
  outcome: z.preprocess(firstValue, z.enum(['', 'done', 'refused'])).catch(''),
  /** First day in UTC, inclusive, like `to`. */
  from: optional(date),
  to: optional(date),
});

export type AuditFilter = z.infer<typeof auditFilterSchema>;

export const FILTER_NAMES = Object.keys(auditFilterSchema.shape) as (keyof AuditFilter)[];

/** Returns the filters that are set, as pairs of name and value. */
export function activeFilters(filter: Partial<AuditFilter>): [keyof AuditFilter, string][] {
  return FILTER_NAMES.flatMap((name) => {
    const value = filter[name];
    return value ? [[name, value] as [keyof AuditFilter, string]] : [];
  });
}

export const exportFormatSchema = z.enum(['csv', 'jsonl']);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

export const accountHistorySchema = z.object({ id: z.uuid() });

/** A user in the log. The name and email address are null if the user was deleted. */
export type NamedUser = { id: string; name: string | null; email: string | null };

/** An entry as administrators see it. */
export type AuditEntry = {
  id: string;
  at: Date;
  action: string;
  outcome: 'done' | 'refused';
  /** The actor. Null for the integrator, the system and unauthenticated requests. */
  by: NamedUser | null;
  account: { id: string; username: string | null } | null;
  user: NamedUser | null;
  address: string | null;
  details: Record<string, unknown>;
  /** Null for entries that are older than the chain. */
  position: number | null;
  /** Hexadecimal. */
  digest: string | null;
};
