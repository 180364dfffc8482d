import { expect, it } from 'vitest';
import { listCountries } from '#lib/notifications/sms/countries.ts';
import { findCountries, orderCountries } from './country-search.ts';

const countries = listCountries();
const codesFor = (words: string) => findCountries(countries, words).map(({ code }) => code);

it.each([
  ['denm', ['DK']],
  ['DK', ['DK']],
  ['+45', ['DK']],
  ['0045', ['DK']],
  ['cote d', ['CI']],
  ["cote d'i", ['CI']],
  ['+44', ['GG', 'IM', 'JE', 'GB']],
  ['atlantis', []],
])('finds %s', (words, codes) => {
  expect(codesFor(words)).toEqual(codes);
});

it('finds all where nothing is typed', () => {
  expect(findCountries(countries, '  ')).toHaveLength(countries.length);
});

it('puts the own country first, then the ticked ones, then the others by name', () => {
  const ordered = orderCountries(countries, 'GB', ['SE', 'DK']).map(({ code }) => code);
  expect(ordered.slice(0, 4)).toEqual(['GB', 'DK', 'SE', 'AF']);
  expect(ordered).toHaveLength(countries.length);
});
