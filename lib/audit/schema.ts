import { z } from 'zod';
import { normalizeSearch } from '#lib/platform/user-input/name.ts';

/** Returns the first value of a query parameter, which may be repeated. */
const getFirstValue = (value: unknown) => (Array.isArray(value) ? value[0] : value);
/** Makes a query parameter optional. A malformed value counts as missing. */
const makeOptional = (schema: z.ZodType<string>) => z.preprocess(getFirstValue, schema).catch('');

const searchText = z.string().transform(normalizeSearch).pipe(z.string().max(200));
/** PostgreSQL has no year 0. */
const date = z.iso.date().refine((text) => !text.startsWith('0000'));

const FILTERS = {
  /** Part of a username, name, email address or access token's name, or the beginning of an IP address. */
  search: searchText,
  action: z.string().regex(/^[a-z_.]{1,60}$/),
  /** The id of the acting user or access token, or `none` (formerly `nobody`) for entries without an actor. */
  by: z.union([z.uuid(), z.literal('none'), z.literal('nobody').transform(() => 'none')]),
  /** An account's id, or part of its username. */
  account: searchText,
  /** The affected user's id. */
  user: z.uuid(),
  /** First day, in UTC. */
  from: date,
  /** Last day, in UTC. */
  to: date,
};
const outcome = z.enum(['', 'done', 'refused']);

/** Filters of the audit log. An empty string means no restriction. */
export const auditFilterSchema = z.object({
  search: makeOptional(FILTERS.search),
  action: makeOptional(FILTERS.action),
  by: makeOptional(FILTERS.by),
  account: makeOptional(FILTERS.account),
  user: makeOptional(FILTERS.user),
  outcome: z.preprocess(getFirstValue, outcome).catch(''),
  from: makeOptional(FILTERS.from),
  to: makeOptional(FILTERS.to),
});

/** The same filters for programs, which get an error instead of an unfiltered log. */
export const strictAuditFilterSchema = z.strictObject({
  search: FILTERS.search.default(''),
  action: FILTERS.action.default(''),
  by: FILTERS.by.default(''),
  account: FILTERS.account.default(''),
  user: FILTERS.user.default(''),
  outcome: outcome.default(''),
  from: FILTERS.from.default(''),
  to: FILTERS.to.default(''),
});

export type AuditFilter = z.infer<typeof auditFilterSchema>;

export const exportFormatSchema = z.enum(['csv', 'jsonl']);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

export const accountHistorySchema = z.object({ id: z.uuid() });

/** An access token in the log. The name is null if an operator deleted its row. */
export type NamedToken = { id: string; name: string | null };

/** A user in the log. The name and email address are null if the user was deleted. */
export type NamedUser = { id: string; name: string | null; email: string | null };

/** An entry as the pages show it to administrators. */
export type AuditEntry = {
  id: string;
  at: Date;
  action: string;
  outcome: 'done' | 'refused';
  /** The acting user. Null for access tokens, the integrator, the services, the console and unauthenticated requests. */
  by: NamedUser | null;
  /** The acting access token. Null for every other actor. */
  accessToken: NamedToken | null;
  /** The affected account. The username is null if an operator deleted its row. */
  account: { id: string; username: string | null } | null;
  /** The affected user. */
  user: NamedUser | null;
  ipAddress: string | null;
  /** Includes the erasable details, or `contactDetails: 'erased'`. */
  details: Record<string, unknown>;
  /** Null for entries that are older than the chain. */
  position: number | null;
  /** Hexadecimal. */
  digest: string | null;
};
