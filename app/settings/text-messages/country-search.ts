import type { Country } from '#lib/notifications/sms/schema.ts';

/** Removes case and accents, so that "cote" finds "Côte d’Ivoire". */
const fold = (text: string) =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase();

/** Puts the organisation's own country first, then the ticked ones, then all others; otherwise keeps the order. */
export function orderCountries(countries: Country[], own: string, ticked: string[]): Country[] {
  const rank = ({ code }: Country) => (code === own ? 0 : ticked.includes(code) ? 1 : 2);
  return countries.toSorted((one, other) => rank(one) - rank(other));
}

/** Finds countries whose name contains the query, whose calling code begins with it, or whose two-letter code it is. */
export function findCountries(countries: Country[], query: string): Country[] {
  const wanted = fold(query.trim());
  if (!wanted) return countries;
  const digits = wanted.replace(/^(\+|00)/, '').replaceAll(' ', '');
  const isCallingCode = /^\d+$/.test(digits);
  return countries.filter(({ code, name, callingCode }) =>
    isCallingCode ? callingCode.startsWith(digits) : fold(name).includes(wanted) || fold(code) === wanted,
  );
}
