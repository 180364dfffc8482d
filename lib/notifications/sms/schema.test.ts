import { describe, expect, it } from 'vitest';
import { getCountryName, isCountry, listCountries } from './countries.ts';
import { smsPolicySchema } from './schema.ts';
import { getUsageLevel, getWarningThreshold } from './usage-level.ts';

const input = { version: 0, countries: ['DK'], perDay: '1,000', perAccountPerDay: 20 };

describe('smsPolicySchema', () => {
  it('accepts limits with separators and spaces', () => {
    expect(smsPolicySchema.parse(input)).toEqual({ ...input, perDay: 1_000 });
    expect(smsPolicySchema.parse({ ...input, perDay: ' 0 ', perAccountPerDay: '1 000' })).toMatchObject({
      ...{ perDay: 0, perAccountPerDay: 1_000 },
    });
  });

  it.each(['', '-1', '1.5', '100001', 'many', '1,00', '9'.repeat(30)])(
    'returns a field error for the limit %j',
    (value) => {
      const result = smsPolicySchema.safeParse({ ...input, perDay: value });
      expect(result.error?.issues).toMatchObject([
        { path: ['perDay'], message: 'Enter a whole number from 0 to 100,000. 0 turns texts off.' },
      ]);
    },
  );

  it.each([['dk'], ['DNK'], [''], [1]])('rejects the country code %j', (code) => {
    expect(smsPolicySchema.safeParse({ ...input, countries: [code] }).success).toBe(false);
  });
});

describe('listCountries', () => {
  it('returns names and calling codes, sorted by name', () => {
    const countries = listCountries();
    expect(countries).toContainEqual({ code: 'DK', name: 'Denmark', callingCode: '45' });
    expect(countries[0]?.name).toBe('Afghanistan');
    // No country is listed under its two-letter code because its name is missing.
    expect(countries.filter(({ name }) => name.length < 4)).toEqual([]);
    expect(countries.length).toBeGreaterThan(240);
    expect(getCountryName('NO')).toBe('Norway');
    expect([isCountry('XX'), isCountry('XK')]).toEqual([false, true]);
  });
});

describe('getUsageLevel', () => {
  it.each([
    [0, 200, 'normal'],
    [159, 200, 'normal'],
    [160, 200, 'near'],
    [199, 200, 'near'],
    [200, 200, 'reached'],
    // A limit that was lowered below the usage.
    [200, 50, 'reached'],
    [0, 1, 'normal'],
    [0, 0, 'reached'],
  ])('returns for %i of %i SMS: %s', (queued, perDay, level) => {
    expect(getUsageLevel({ queued, perDay })).toBe(level);
  });

  it('is near from 80% of the limit, rounded up', () => {
    expect([1, 2, 3, 9, 10].map(getWarningThreshold)).toEqual([1, 2, 3, 8, 8]);
  });
});
