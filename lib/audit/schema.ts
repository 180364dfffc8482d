import { z } from 'zod';

const first = (value: unknown) => (Array.isArray(value) ? value[0] : value);
/** A parameter of the address bar: what is malformed counts as not there. */
const optional = (schema: z.ZodType<string>) => z.preprocess(first, schema).catch('');

/** Without NUL, which PostgreSQL's texts cannot hold. */
const words = z
  .string()
  .trim()
  .max(200)
  .regex(/^[^\0]*$/);
/** PostgreSQL has no year 0. */
const date = z.iso.date().refine((text) => !text.startsWith('0000'));

/** Which entries of the audit log are wanted; an empty text does not narrow them down. */
export const auditFilterSchema = z.object({
  /** In usernames, names and email addresses; or how an IP address begins. */
  search: optional(words),
  act: optional(z.string().regex(/^[a-z_.]{1,60}$/)),
  /** A user's id, or `nobody`: the integrator, the system, or somebody who is not known. */
  by: optional(z.union([z.uuid(), z.literal('nobody')])),
  /** An account's id, or a part of its username. */
  account: optional(words),
  /** The id of the user to whom it was done. */
  user: optional(z.uuid()),
  outcome: z.preprocess(first, z.enum(['', 'done', 'refused'])).catch(''),
  /** The first and the last day, in UTC. */
  from: optional(date),
  to: optional(date),
});

export type AuditFilter = z.infer<typeof auditFilterSchema>;

export const FILTER_NAMES = Object.keys(auditFilterSchema.shape) as (keyof AuditFilter)[];

/** What narrows the entries down, without what does not. */
export function setFilters(filter: Partial<AuditFilter>): [keyof AuditFilter, string][] {
  return FILTER_NAMES.flatMap((name) => {
    const value = filter[name];
    return value ? [[name, value] as [keyof AuditFilter, string]] : [];
  });
}

export const exportFormatSchema = z.enum(['csv', 'jsonl']);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

export const accountHistorySchema = z.object({ id: z.uuid() });

/** A user who is in the log: null where there is no such user any more. */
export type NamedUser = { id: string; name: string | null; email: string | null };

/** An entry as the administrators' pages show it. */
export type AuditEntry = {
  id: string;
  at: Date;
  act: string;
  outcome: 'done' | 'refused';
  /** Who did it; null: the integrator, the system, or somebody who is not known. */
  by: NamedUser | null;
  account: { id: string; username: string | null } | null;
  user: NamedUser | null;
  address: string | null;
  details: Record<string, unknown>;
  /** Null: from before there was a chain. */
  position: number | null;
  /** In hexadecimal digits. */
  digest: string | null;
};
