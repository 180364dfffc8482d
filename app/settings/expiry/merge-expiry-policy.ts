import { type ExpiryPolicy, parseDays } from '#lib/api-accounts/expiry/schema.ts';
import { mergeEdits } from '../merge-edits.ts';
import { formatDays, LIFETIME_LABELS } from './lifetime-labels.ts';

/** The expiry policy as typed in the form. */
export type TypedPolicy = { defaultDays: string; maxDays: string };

export type PolicyDifference = {
  label: string;
  /** What another administrator has saved. */
  saved: string;
  /** What the form has instead; null if it has the same. */
  typed: string | null;
};

const FIELDS = ['defaultDays', 'maxDays'] as const;

type Field = (typeof FIELDS)[number];

/** Returns what the form shows for a policy. */
export const toTypedPolicy = ({ defaultDays, maxDays }: ExpiryPolicy): TypedPolicy => ({
  defaultDays: String(defaultDays ?? ''),
  maxDays: String(maxDays ?? ''),
});

const isSameLifetime = (field: Field, one: TypedPolicy, other: TypedPolicy) =>
  one[field] === other[field] || parseDays(one[field]) === parseDays(other[field]);

/** Reports whether the form has the saved values, however they are written. */
export const isSamePolicy = (typed: TypedPolicy, saved: ExpiryPolicy): boolean =>
  FIELDS.every((field) => isSameLifetime(field, typed, toTypedPolicy(saved)));

function formatTyped(typed: string): string {
  const days = parseDays(typed);
  return days === undefined ? typed : formatDays(days);
}

/**
 * Merges the policy in the form with the one that another administrator saved in the meantime.
 * @param edit.original the saved policy with which the form was last filled
 */
export function mergeExpiryPolicy({
  original,
  saved,
  typed,
}: {
  original: ExpiryPolicy;
  saved: ExpiryPolicy;
  typed: TypedPolicy;
}): { merged: TypedPolicy; differences: PolicyDifference[] } {
  const edits = { original: toTypedPolicy(original), saved: toTypedPolicy(saved), typed };
  const { merged, changes } = mergeEdits(FIELDS, edits, isSameLifetime);
  const differences = changes.map(({ field, isDisputed }) => ({
    label: LIFETIME_LABELS[field],
    saved: formatDays(saved[field]),
    typed: isDisputed ? formatTyped(typed[field]) : null,
  }));
  return { merged, differences };
}
