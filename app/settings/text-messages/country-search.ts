import type { Country } from '#lib/notifications/sms/schema.ts';
import { cleanAscii } from '#lib/platform/user-input/characters.ts';
import { normalizeName } from '#lib/platform/user-input/name.ts';

/** Removes case and accents, so that "cote" finds "Côte d’Ivoire". */
const foldText = (text: string) =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase();

/** Puts the organisation's own country first, then the selected ones, then all others; otherwise keeps the order. */
export function orderCountries(countries: Country[], ownCountry: string, selected: string[]): Country[] {
  const getRank = ({ code }: Country) => (code === ownCountry ? 0 : selected.includes(code) ? 1 : 2);
  return countries.toSorted((one, other) => getRank(one) - getRank(other));
}

/** Finds countries by a part of their name, the beginning of their calling code, or their two-letter code. */
export function findCountries(countries: Country[], query: string): Country[] {
  const wanted = foldText(normalizeName(query));
  if (!wanted) return countries;
  const digits = cleanAscii(wanted)
    .replace(/^(\+|00)/, '')
    .replaceAll(' ', '');
  const isCallingCode = /^\d+$/.test(digits);
  return countries.filter(({ code, name, callingCode }) =>
    isCallingCode
      ? callingCode.startsWith(digits)
      : foldText(name).includes(wanted) || foldText(code) === wanted,
  );
}
