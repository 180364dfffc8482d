import type { Country } from '#lib/notifications/sms/schema.ts';

/** Without case and accents: "cote" finds "Côte d’Ivoire". */
const fold = (text: string) =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase();

/** The organisation's own country first, then those that are ticked, then all others; each as they came. */
export function orderCountries(countries: Country[], own: string, ticked: string[]): Country[] {
  const rank = ({ code }: Country) => (code === own ? 0 : ticked.includes(code) ? 1 : 2);
  return countries.toSorted((one, other) => rank(one) - rank(other));
}

/** Those whose name contains the words, or whose calling code or two letters they are the beginning of. */
export function findCountries(countries: Country[], words: string): Country[] {
  const wanted = fold(words.trim());
  if (!wanted) return countries;
  const digits = wanted.replace(/^(\+|00)/, '').replaceAll(' ', '');
  const isCode = /^\d+$/.test(digits);
  return countries.filter(({ code, name, callingCode }) =>
    isCode ? callingCode.startsWith(digits) : fold(name).includes(wanted) || fold(code) === wanted,
  );
}
