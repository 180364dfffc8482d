import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import type { Country } from './schema.ts';

const regionNames = new Intl.DisplayNames('en-GB', { type: 'region' });
const countryCodes = new Set<string>(getCountries());

/** Returns a country's English name. `code`: ISO 3166-1 alpha-2. */
export function getCountryName(code: string): string {
  return regionNames.of(code) ?? code;
}

/** Checks whether a country has a numbering plan. */
export function isCountry(code: string): boolean {
  return countryCodes.has(code);
}

/** Lists all countries that have a numbering plan, sorted by name. */
export function listCountries(): Country[] {
  return getCountries()
    .map((code) => ({ code, name: getCountryName(code), callingCode: getCountryCallingCode(code) }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en-GB'));
}
