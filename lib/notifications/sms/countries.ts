import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import type { Country } from './schema.ts';

const displayNames = new Intl.DisplayNames('en-GB', { type: 'region' });
const countryCodes = new Set<string>(getCountries());

/** Returns a country's English name. `code`: ISO 3166-1 alpha-2. */
export function countryName(code: string): string {
  return displayNames.of(code) ?? code;
}

/** Checks whether a country has a numbering plan. */
export function isCountry(code: string): boolean {
  return countryCodes.has(code);
}

/** Lists all countries that have a numbering plan, sorted by name. */
export function listCountries(): Country[] {
  return getCountries()
    .map((code) => ({ code, name: countryName(code), callingCode: getCountryCallingCode(code) }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en-GB'));
}
