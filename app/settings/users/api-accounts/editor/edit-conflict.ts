import { parseLimit } from '#lib/api-accounts/limits.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { formatCount } from './limit-labels.ts';

/** What an editor can change; a limit as it is saved or as it is typed. */
export type Editable = Pick<AccountSummary, 'email' | 'phone' | 'active'> & {
  requestsPerMinute: string | number | null;
};
export type EditableField = keyof Editable;

export const FIELD_LABELS: Record<EditableField, string> = {
  email: 'Email address',
  phone: 'Phone number',
  active: 'Active',
  requestsPerMinute: 'Requests per minute',
};

export type Difference = {
  field: EditableField;
  /** What somebody else has saved. */
  saved: string;
  /** What stands in the form instead; null where this editor had not touched the field. */
  typed: string | null;
};

const plainPhone = (phone: string) => phone.replace(/[\s().-]/g, '');

function inWords(field: EditableField, values: Editable): string {
  if (field === 'active') return values.active ? 'Yes' : 'No';
  if (field !== 'requestsPerMinute') return values[field];
  const limit = parseLimit(values.requestsPerMinute);
  return limit ? formatCount(limit) : 'Left empty';
}

/** Whether two values of a field mean the same; the spaces of a phone number or a limit mean nothing. */
export function sameValue(field: EditableField, one: Editable, other: Editable): boolean {
  if (field === 'phone') return plainPhone(one.phone) === plainPhone(other.phone);
  if (field === 'email') return one.email.trim() === other.email.trim();
  if (field === 'active') return one.active === other.active;
  return parseLimit(one.requestsPerMinute) === parseLimit(other.requestsPerMinute);
}

/**
 * Brings together what an editor typed and what somebody else saved meanwhile: a field that was typed in keeps
 * what was typed, any other takes what was saved, so that saving again undoes nobody's work unseen.
 */
export function mergeEdits(edit: { opened: Editable; saved: Editable; typed: Editable }) {
  const { opened, saved, typed } = edit;
  const { email, phone, active, requestsPerMinute } = typed;
  const merged: Editable = { email, phone, active, requestsPerMinute };
  const differences: Difference[] = [];
  for (const field of ['email', 'phone', 'requestsPerMinute', 'active'] as const) {
    const touched = !sameValue(field, typed, opened);
    if (!touched) Object.assign(merged, { [field]: saved[field] });
    if (sameValue(field, saved, opened)) continue;
    const kept = touched && !sameValue(field, typed, saved);
    differences.push({
      field,
      saved: inWords(field, saved),
      typed: kept ? inWords(field, typed) : null,
    });
  }
  return { merged, differences };
}
