import type { z } from 'zod';
import type { BulkJobError } from '#db/schema/bulk-jobs.ts';
import { type NewApiAccount, newApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { ERROR_COLUMN } from './schema.ts';

const { shape } = newApiAccountSchema;
type Field = keyof NewApiAccount;

/** What a cell means: a value for the field, or what is wrong with it. */
type ParsedCell = { value: unknown } | { detail: string };
type Column = { field: Field; parse: (text: string) => ParsedCell };

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

const asText = (text: string): ParsedCell => ({ value: text });
/** The given word means no limit. */
const orUnlimited =
  (unlimited: string, parse: (text: string) => ParsedCell) =>
  (text: string): ParsedCell =>
    text === unlimited ? { value: null } : parse(text);
/** Names that are separated by spaces, commas or semicolons. */
const asList = (text: string): ParsedCell => ({ value: text.split(/[\s,;]+/).filter(Boolean) });
const asTime = (text: string): ParsedCell =>
  DATE_TIME.test(text) && !Number.isNaN(Date.parse(text))
    ? { value: text }
    : { detail: 'Enter a time with its zone, such as 2027-01-31T23:59:59Z, or "never".' };

function asBoolean(text: string): ParsedCell {
  if (/^(true|yes|1)$/i.test(text)) return { value: true };
  if (/^(false|no|0)$/i.test(text)) return { value: false };
  return { detail: 'Enter true or false.' };
}

/** The columns of a file, which are those of `stagedoor accounts import`. A test compares how both parse them. */
const COLUMNS: Record<string, Column> = {
  username: { field: 'username', parse: asText },
  email: { field: 'email', parse: asText },
  phone: { field: 'phone', parse: asText },
  requestsPerMinute: { field: 'requestsPerMinute', parse: orUnlimited('none', asText) },
  scopes: { field: 'scopes', parse: orUnlimited('all', asList) },
  allowedNetworks: { field: 'allowedNetworks', parse: orUnlimited('anywhere', asList) },
  expiresAt: { field: 'expiresAt', parse: orUnlimited('never', asTime) },
  notes: { field: 'notes', parse: asText },
  phoneConfirmed: { field: 'isPhoneConfirmed', parse: asBoolean },
};
export const IMPORT_COLUMNS = Object.keys(COLUMNS);
const REQUIRED = ['username', 'email', 'phone'];

/** Quotes a few names, and of each a part: a file that is no CSV has a long one. */
const quote = (names: string[]) =>
  names
    .slice(0, 5)
    .map((name) => `“${name.slice(0, 60)}”`)
    .join(', ');

/** Returns what is wrong with the first row of a file; undefined if it is the header of one. */
export function findHeaderError(header: string[]): string | undefined {
  const unknown = header.filter((name) => !Object.hasOwn(COLUMNS, name) && name !== ERROR_COLUMN);
  const repeated = header.filter((name, index) => header.indexOf(name) < index);
  const missing = REQUIRED.filter((name) => !header.includes(name));
  if (missing.length > 0) return `The first row must name the columns. These are missing: ${quote(missing)}.`;
  if (unknown.length > 0)
    return `These columns are unknown: ${quote(unknown)}. The columns are ${IMPORT_COLUMNS.join(', ')}.`;
  return repeated.length > 0 ? `These columns occur twice: ${quote(repeated)}.` : undefined;
}

export type ParsedRow = {
  /** Null if a cell is invalid. */
  account: NewApiAccount | null;
  /** The fields of the cells that are valid. */
  valid: Partial<NewApiAccount>;
  errors: BulkJobError[];
};

/**
 * Parses a row with the rules of the form for a new account, and returns the errors of all its cells. An empty cell is left
 * out, so that the default applies. What depends on other data is checked by `check.ts` and when the account is created.
 */
export function parseImportRow(columns: string[], cells: string[]): ParsedRow {
  const valid: Record<string, unknown> = {};
  const errors: BulkJobError[] = [];
  for (const [index, column] of columns.entries()) {
    const definition = COLUMNS[column];
    const text = cells[index] ?? '';
    if (!definition || (text === '' && !REQUIRED.includes(column))) continue;
    const { field, parse } = definition;
    const cell = parse(text);
    const schema: z.ZodType = shape[field];
    const result = 'value' in cell ? schema.safeParse(cell.value) : null;
    if (result?.success) valid[field] = result.data;
    else {
      const detail = 'detail' in cell ? cell.detail : (result?.error?.issues[0]?.message ?? '');
      errors.push({ column, detail });
    }
  }
  const isValid = errors.length === 0;
  return {
    account: isValid ? (valid as NewApiAccount) : null,
    valid: valid as Partial<NewApiAccount>,
    errors,
  };
}
