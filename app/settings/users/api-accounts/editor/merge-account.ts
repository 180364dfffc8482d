import { formatCount } from '#components/format.ts';
import { parseLimit } from '#lib/api-accounts/parse-limit.ts';
import type { AccountDetails } from '#lib/api-accounts/schema.ts';
import { normalizeEmail } from '#lib/platform/user-input/email.ts';
import { normalizeName } from '#lib/platform/user-input/name.ts';
import { splitNetworks } from '#lib/platform/user-input/networks.ts';
import { normalizeNotes } from '#lib/platform/user-input/notes.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { mergeEdits } from '../../../merge-edits.ts';
import { formatExpiry, formatNetworks, formatScopes, toExpiryTime } from '../access/access-labels.ts';

/** The fields that the editor can change. */
export type EditableAccount = Pick<
  AccountDetails,
  'email' | 'phone' | 'active' | 'displayName' | 'notes' | 'scopes' | 'allowedNetworks'
> & {
  /** A number as saved, or text as typed; null for no own limit. */
  requestsPerMinute: string | number | null;
  /** A date as saved, or text as entered: ISO 8601 in UTC, or any other text if it is not valid. */
  expiresAt: Date | string | null;
};
type EditableField = keyof EditableAccount;

/** In the order of the form. */
const FIELDS = [
  'displayName',
  'email',
  'phone',
  'notes',
  'requestsPerMinute',
  'expiresAt',
  'scopes',
  'allowedNetworks',
  'active',
] as const;

export const FIELD_LABELS: Record<EditableField, string> = {
  email: 'Email address',
  phone: 'Phone number',
  active: 'Active',
  displayName: 'Display name',
  notes: 'Notes',
  requestsPerMinute: 'Requests per minute',
  expiresAt: 'Expiry',
  scopes: 'Scopes',
  allowedNetworks: 'Allowed networks',
};

export type AccountDifference = {
  field: EditableField;
  /** What another administrator has saved. */
  saved: string;
  /** What the user typed instead; null if the form has the saved value, because it was typed too or taken over. */
  typed: string | null;
};

function formatValue(field: EditableField, values: EditableAccount, timeZone: string): string {
  if (field === 'active') return values.active ? 'Yes' : 'No';
  if (field === 'expiresAt') return formatExpiry(values.expiresAt, timeZone);
  if (field === 'scopes') return formatScopes(values.scopes);
  if (field === 'allowedNetworks') return formatNetworks(splitLines(values.allowedNetworks));
  if (field !== 'requestsPerMinute') return values[field] || 'Empty';
  const limit = parseLimit(values.requestsPerMinute);
  return limit ? formatCount(limit) : 'Empty';
}

/** Splits lines of networks as they are saved. */
function splitLines(lines: string[] | null): string[] | null {
  const networks = splitNetworks(lines ?? []).map(({ text }) => text);
  return networks.length === 0 ? null : networks;
}

/** Checks whether two lists have the same entries. Null is a list of everything. */
function isSameList(one: string[] | null, other: string[] | null): boolean {
  const toText = (list: string[]) => [...new Set(list)].toSorted().join(' ');
  return one === null || other === null ? one === other : toText(one) === toText(other);
}

/** Checks whether two values of a field mean the same. Ignores how they were typed. */
export function isSameValue(field: EditableField, one: EditableAccount, other: EditableAccount): boolean {
  if (field === 'phone') return normalizePhone(one.phone) === normalizePhone(other.phone);
  if (field === 'email') return normalizeEmail(one.email) === normalizeEmail(other.email);
  if (field === 'active') return one.active === other.active;
  if (field === 'displayName') return normalizeName(one.displayName) === normalizeName(other.displayName);
  if (field === 'notes') return normalizeNotes(one.notes) === normalizeNotes(other.notes);
  if (field === 'expiresAt') return Object.is(toExpiryTime(one.expiresAt), toExpiryTime(other.expiresAt));
  if (field === 'scopes') return isSameList(one.scopes, other.scopes);
  if (field === 'allowedNetworks')
    return isSameList(splitLines(one.allowedNetworks), splitLines(other.allowedNetworks));
  return parseLimit(one.requestsPerMinute) === parseLimit(other.requestsPerMinute);
}

/** Returns only the fields that the editor can change. */
export const pickEditable = ({
  email,
  phone,
  active,
  requestsPerMinute,
  displayName,
  notes,
  expiresAt,
  scopes,
  allowedNetworks,
}: EditableAccount): EditableAccount => ({
  email,
  phone,
  active,
  requestsPerMinute,
  displayName,
  notes,
  expiresAt,
  scopes,
  allowedNetworks,
});

/**
 * Takes over what was read since the account was saved, such as after a reset of its key, unless that is another version.
 * Keeps the reports, because a resolved one stays until the page is left.
 */
export const refreshAccount = (saved: AccountDetails, read: AccountDetails): AccountDetails =>
  read.version === saved.version ? { ...read, openReports: saved.openReports } : saved;

/** Reports whether the form has other values than the saved ones. */
export const hasEdits = (typed: EditableAccount, saved: EditableAccount) =>
  FIELDS.some((field) => !isSameValue(field, typed, saved));

/**
 * Merges the account in the form with the one that another administrator saved in the meantime. `differences` lists what
 * the other administrator changed.
 * @param timeZone the organisation's (IANA name)
 */
export function mergeAccount(
  edits: { original: EditableAccount; saved: EditableAccount; typed: EditableAccount },
  timeZone: string,
): { merged: EditableAccount; differences: AccountDifference[] } {
  const { merged, changes } = mergeEdits(FIELDS, edits, isSameValue);
  const differences = changes.map(({ field, isDisputed }) => ({
    field,
    saved: formatValue(field, edits.saved, timeZone),
    typed: isDisputed ? formatValue(field, edits.typed, timeZone) : null,
  }));
  return { merged, differences };
}
