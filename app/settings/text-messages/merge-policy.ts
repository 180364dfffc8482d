import { formatCount } from '#components/format.ts';
import { MAX_PER_ACCOUNT_PER_DAY, MAX_PER_DAY, parseDailyLimit } from '#lib/notifications/sms/limits.ts';
import type { SmsPolicy } from '#lib/notifications/sms/schema.ts';
import { mergeEdits } from '../merge-edits.ts';
import { LIMIT_LABELS } from './usage-labels.ts';

/** The SMS policy in the form. Limits are text as typed, or numbers as saved. */
export type TypedPolicy = { countries: string[]; perDay: string | number; perAccountPerDay: string | number };

export type PolicyDifference = {
  label: string;
  /** What another administrator has saved. */
  saved: string;
  /** What the form has instead; null if it has the same. */
  typed: string | null;
};

const LIMITS = {
  perDay: { label: LIMIT_LABELS.perDay, max: MAX_PER_DAY },
  perAccountPerDay: { label: LIMIT_LABELS.perAccountPerDay, max: MAX_PER_ACCOUNT_PER_DAY },
} as const;

type LimitField = keyof typeof LIMITS;

const toTypedPolicy = (policy: SmsPolicy): TypedPolicy => ({
  countries: policy.countries,
  perDay: String(policy.perDay),
  perAccountPerDay: String(policy.perAccountPerDay),
});

function isSameLimit(field: LimitField, one: TypedPolicy, other: TypedPolicy): boolean {
  const { max } = LIMITS[field];
  return parseDailyLimit(one[field], max) === parseDailyLimit(other[field], max);
}

/** Reports whether the form has the saved values, however they are written. The order of countries does not matter. */
export const isSamePolicy = (typed: TypedPolicy, saved: SmsPolicy): boolean =>
  isSameLimit('perDay', typed, saved) &&
  isSameLimit('perAccountPerDay', typed, saved) &&
  typed.countries.toSorted().join() === saved.countries.toSorted().join();

function formatLimit(field: LimitField, { [field]: limit }: TypedPolicy): string {
  const parsed = parseDailyLimit(limit, LIMITS[field].max);
  return parsed === undefined ? String(limit) : formatCount(parsed);
}

/** Describes which countries were turned on and off between two lists. */
function describeSwitches(
  before: string[],
  after: string[],
  getCountryName: (code: string) => string,
): string {
  const formatNames = (codes: string[]) => codes.map(getCountryName).toSorted().join(', ');
  const turnedOn = formatNames(after.filter((code) => !before.includes(code)));
  const turnedOff = formatNames(before.filter((code) => !after.includes(code)));
  return [turnedOn && `${turnedOn} turned on`, turnedOff && `${turnedOff} turned off`]
    .filter(Boolean)
    .join('; ');
}

/** Merges the lists of countries: each country is a field of its own, on or off. */
function mergeCountries(original: string[], saved: string[], typed: string[]): string[] {
  const codes = [...new Set([...original, ...saved, ...typed])];
  const toSwitches = (list: string[]) => Object.fromEntries(codes.map((code) => [code, list.includes(code)]));
  const { merged } = mergeEdits(codes, {
    original: toSwitches(original),
    saved: toSwitches(saved),
    typed: toSwitches(typed),
  });
  return codes.filter((code) => merged[code]).toSorted();
}

/**
 * Merges the policy in the form with the one that another administrator saved in the meantime.
 * @param edit.original the saved policy with which the form was last filled
 */
export function mergePolicy(
  edit: { original: SmsPolicy; saved: SmsPolicy; typed: TypedPolicy },
  getCountryName: (code: string) => string,
): { merged: TypedPolicy; differences: PolicyDifference[] } {
  const { original, saved, typed } = edit;
  const edits = { original: toTypedPolicy(original), saved: toTypedPolicy(saved), typed };
  const limits = mergeEdits(['perDay', 'perAccountPerDay'], edits, isSameLimit);
  const differences: PolicyDifference[] = limits.changes.map(({ field, isDisputed }) => ({
    label: LIMITS[field].label,
    saved: formatLimit(field, saved),
    typed: isDisputed ? formatLimit(field, typed) : null,
  }));
  const countries = mergeCountries(original.countries, saved.countries, typed.countries);
  const savedSwitches = describeSwitches(original.countries, saved.countries, getCountryName);
  const typedSwitches = describeSwitches(saved.countries, countries, getCountryName);
  if (savedSwitches)
    differences.push({ label: 'Countries', saved: savedSwitches, typed: typedSwitches || null });
  return { merged: { ...limits.merged, countries }, differences };
}
