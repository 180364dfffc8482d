import { describe, expect, it } from 'vitest';
import { sampleAtScale } from './sample.ts';
import { atScale } from './scale.ts';

const COMBINATIONS = ['a', 'b', 'c'].flatMap((name) =>
  Array.from({ length: 25 }, (_, number) => ({ name, number })),
);
const listNames = (values: typeof COMBINATIONS) => [...new Set(values.map(({ name }) => name))];

describe('sampleAtScale', () => {
  it('returns a tenth of each group, rounded up, at normal size, and everything at soak size', () => {
    const sampled = sampleAtScale(COMBINATIONS, ({ name }) => name);
    expect(sampled).toHaveLength(atScale({ normal: 9, soak: 75 }));
    expect(new Set(sampled).size).toBe(sampled.length);
    expect(listNames(sampled)).toEqual(['a', 'b', 'c']);
  });

  it('returns at least one combination of each group', () => {
    const sampled = sampleAtScale(COMBINATIONS, ({ name, number }) => `${name} ${number}`);
    expect(sampled).toEqual(COMBINATIONS);
  });

  it('returns the same sample for the same seed', () => {
    const sample = () => sampleAtScale(COMBINATIONS, ({ name }) => name);
    expect(sample()).toEqual(sample());
  });
});
