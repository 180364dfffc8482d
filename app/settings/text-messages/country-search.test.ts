import { describe, expect, it } from 'vitest';
import { listCountries } from '#lib/notifications/sms/countries.ts';
import { findCountries, orderCountries } from './country-search.ts';

const countries = listCountries();
const findCodes = (query: string) => findCountries(countries, query).map(({ code }) => code);

describe('findCountries', () => {
  it.each([
    ['denm', ['DK']],
    ['DK', ['DK']],
    ['+45', ['DK']],
    ['0045', ['DK']],
    ['cote d', ['CI']],
    ["cote d'i", ['CI']],
    ['+44', ['GG', 'IM', 'JE', 'GB']],
    ['atlantis', []],
  ])('finds the countries that match %s', (query, codes) => {
    expect(findCodes(query)).toEqual(codes);
  });

  it('finds all countries if nothing is typed', () => {
    expect(findCountries(countries, '  ')).toHaveLength(countries.length);
  });
});

describe('orderCountries', () => {
  it('puts the organisation’s country first, then the selected ones, then the others, each in the given order', () => {
    const ordered = orderCountries(countries, 'GB', ['SE', 'DK']).map(({ code }) => code);
    expect(ordered.slice(0, 4)).toEqual(['GB', 'DK', 'SE', 'AF']);
    expect(ordered).toHaveLength(countries.length);
  });
});
