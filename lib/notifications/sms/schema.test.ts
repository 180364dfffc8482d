import { describe, expect, it } from 'vitest';
import { countryName, isCountry, listCountries } from './countries.ts';
import { smsPolicySchema } from './schema.ts';
import { usageLevel, warningThreshold } from './status.ts';

const input = { version: 0, countries: ['DK'], perDay: '1,000', perAccountPerDay: 20 };

describe('smsPolicySchema', () => {
  it('accepts limits with separators and spaces', () => {
    expect(smsPolicySchema.parse(input)).toEqual({ ...input, perDay: 1_000 });
    expect(smsPolicySchema.parse({ ...input, perDay: ' 0 ', perAccountPerDay: '1 000' })).toMatchObject({
      ...{ perDay: 0, perAccountPerDay: 1_000 },
    });
  });

  it.each(['', '-1', '1.5', '100001', 'many', '1,00', '9'.repeat(30)])(
    'rejects %j with a field error',
    (value) => {
      const result = smsPolicySchema.safeParse({ ...input, perDay: value });
      expect(result.error?.issues).toMatchObject([
        { path: ['perDay'], message: 'Enter a whole number from 0 to 100,000. 0 turns texts off.' },
      ]);
    },
  );

  it.each([['dk'], ['DNK'], [''], [1]])('rejects %j as a country', (code) => {
    expect(smsPolicySchema.safeParse({ ...input, countries: [code] }).success).toBe(false);
  });
});

describe('listCountries', () => {
  it('returns names and calling codes, sorted by name', () => {
    const countries = listCountries();
    expect(countries).toContainEqual({ code: 'DK', name: 'Denmark', callingCode: '45' });
    expect(countries[0]?.name).toBe('Afghanistan');
    expect(countries.filter(({ name }) => name.length < 4)).toEqual([]);
    expect(countries.length).toBeGreaterThan(240);
    expect(countryName('NO')).toBe('Norway');
    expect([isCountry('XX'), isCountry('XK')]).toEqual([false, true]);
  });
});

describe('usageLevel', () => {
  it.each([
    [0, 200, 'fine'],
    [159, 200, 'fine'],
    [160, 200, 'near'],
    [199, 200, 'near'],
    [200, 200, 'reached'],
    // A limit that was lowered below the usage.
    [200, 50, 'reached'],
    [0, 1, 'fine'],
    [0, 0, 'reached'],
  ])('%i of %i: %s', (queued, perDay, level) => {
    expect(usageLevel({ queued, perDay })).toBe(level);
  });

  it('warns from 80%, rounded up', () => {
    expect([1, 2, 3, 9, 10].map(warningThreshold)).toEqual([1, 2, 3, 8, 8]);
  });
});
