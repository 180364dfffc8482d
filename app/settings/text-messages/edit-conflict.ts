import { MAX_PER_ACCOUNT, MAX_PER_DAY, parseDailyLimit } from '#lib/notifications/sms/limits.ts';
import type { SmsPolicy } from '#lib/notifications/sms/schema.ts';

/** The rules as a form has them: ceilings as they are typed. */
export type TypedPolicy = { countries: string[]; perDay: string | number; perAccountPerDay: string | number };

export type PolicyDifference = {
  label: string;
  /** What somebody else has saved. */
  saved: string;
  /** What stands in the form instead; null where it says the same. */
  typed: string | null;
};

const CEILINGS = [
  { field: 'perDay', label: 'Texts a day, for all accounts together', most: MAX_PER_DAY },
  { field: 'perAccountPerDay', label: 'Texts a day, for each account', most: MAX_PER_ACCOUNT },
] as const;

const figure = (typed: string | number, most: number) =>
  parseDailyLimit(typed, most)?.toLocaleString('en-GB') ?? String(typed);

/** What was ticked and unticked from one list to the other. */
function describeTicks(before: string[], after: string[], nameOf: (code: string) => string): string {
  const names = (codes: string[]) => codes.map(nameOf).toSorted().join(', ');
  const ticked = names(after.filter((code) => !before.includes(code)));
  const unticked = names(before.filter((code) => !after.includes(code)));
  return [ticked && `${ticked} ticked`, unticked && `${unticked} unticked`].filter(Boolean).join('; ');
}

/** Each country as it was touched in the form, and as it was saved where it was not. */
function mergeCountries(opened: string[], saved: string[], typed: string[]): string[] {
  const codes = new Set([...opened, ...saved, ...typed]);
  return [...codes]
    .filter((code) => {
      const touched = typed.includes(code) !== opened.includes(code);
      return (touched ? typed : saved).includes(code);
    })
    .toSorted();
}

/**
 * Brings together what was typed and what somebody else saved meanwhile: what was touched in the form stays, all
 * else takes what was saved, so that saving again undoes nobody's work unseen.
 */
export function mergePolicy(
  edit: { opened: SmsPolicy; saved: SmsPolicy; typed: TypedPolicy },
  nameOf: (code: string) => string,
): { merged: TypedPolicy; differences: PolicyDifference[] } {
  const { opened, saved, typed } = edit;
  const merged: TypedPolicy = { ...typed };
  const differences: PolicyDifference[] = [];
  for (const { field, label, most } of CEILINGS) {
    const touched = parseDailyLimit(typed[field], most) !== opened[field];
    if (!touched) merged[field] = String(saved[field]);
    if (saved[field] === opened[field]) continue;
    const kept = touched && parseDailyLimit(typed[field], most) !== saved[field];
    const [now, here] = [figure(saved[field], most), figure(typed[field], most)];
    differences.push({ label, saved: now, typed: kept ? here : null });
  }
  merged.countries = mergeCountries(opened.countries, saved.countries, typed.countries);
  const theirs = describeTicks(opened.countries, saved.countries, nameOf);
  const ours = describeTicks(saved.countries, merged.countries, nameOf);
  if (theirs) differences.push({ label: 'Countries', saved: theirs, typed: ours || null });
  return { merged, differences };
}
