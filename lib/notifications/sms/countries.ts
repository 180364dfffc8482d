import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import type { Country } from './schema.ts';

const names = new Intl.DisplayNames('en-GB', { type: 'region' });
const known = new Set<string>(getCountries());

/** A country's name in English. `code`: ISO 3166-1 alpha-2. */
export function countryName(code: string): string {
  return names.of(code) ?? code;
}

/** Whether there is a numbering plan for it. */
export function isCountry(code: string): boolean {
  return known.has(code);
}

/** All countries that have a numbering plan, in the order of their names. */
export function listCountries(): Country[] {
  return getCountries()
    .map((code) => ({ code, name: countryName(code), callingCode: getCountryCallingCode(code) }))
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en-GB'));
}
