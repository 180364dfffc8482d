import type { AccountSummary } from '#lib/api-accounts/schema.ts';

/** What an editor can change. */
export type Editable = Pick<AccountSummary, 'email' | 'phone' | 'active'>;
export type EditableField = keyof Editable;

export const FIELD_LABELS: Record<EditableField, string> = {
  email: 'Email address',
  phone: 'Phone number',
  active: 'Active',
};

export type Difference = {
  field: EditableField;
  /** What somebody else has saved. */
  saved: string;
  /** What stands in the form instead; null where this editor had not touched the field. */
  typed: string | null;
};

const inWords = (value: string | boolean) => (typeof value === 'string' ? value : value ? 'Yes' : 'No');
const plain = (value: string | boolean) =>
  typeof value === 'string' ? value.replace(/[\s().-]/g, '') : value;

/** Whether two values of a field mean the same; the spaces of a phone number mean nothing. */
export function sameValue(field: EditableField, one: Editable, other: Editable): boolean {
  if (field === 'phone') return plain(one.phone) === plain(other.phone);
  if (field === 'email') return one.email.trim() === other.email.trim();
  return one.active === other.active;
}

/**
 * Brings together what an editor typed and what somebody else saved meanwhile: a field that was typed in keeps
 * what was typed, any other takes what was saved, so that saving again undoes nobody's work unseen.
 */
export function mergeEdits(edit: { opened: Editable; saved: Editable; typed: Editable }) {
  const { opened, saved, typed } = edit;
  const merged: Editable = { email: typed.email, phone: typed.phone, active: typed.active };
  const differences: Difference[] = [];
  for (const field of ['email', 'phone', 'active'] as const) {
    const touched = !sameValue(field, typed, opened);
    if (!touched) Object.assign(merged, { [field]: saved[field] });
    if (sameValue(field, saved, opened)) continue;
    const kept = touched && !sameValue(field, typed, saved);
    differences.push({ field, saved: inWords(saved[field]), typed: kept ? inWords(typed[field]) : null });
  }
  return { merged, differences };
}
