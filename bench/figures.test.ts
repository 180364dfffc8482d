import { describe, expect, it } from 'vitest';
import { BARE, figuresOf, median, ratio, type Series } from './figures.ts';
import { formatAsList, formatTable } from './table.ts';

function series(name: string, perSecond: number[]): Series {
  const rest = { requests: 1, p50: 1, p99: 2, refused: 0, broken: 0, statuses: {} };
  return { name, connections: 128, rounds: perSecond.map((value) => ({ ...rest, perSecond: value })) };
}

describe('median', () => {
  it.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('of nothing is an error', () => {
    expect(() => median([])).toThrow('nothing');
  });
});

describe('ratio', () => {
  it('is taken round by round, so that a slow machine in one round falls on both', () => {
    const bare = series(BARE, [100, 10, 100]);
    // The median of the one over the median of the other would be 0.5 as well; 0.6 is the middle of the rounds.
    const verifier = series('verifier', [60, 8, 50]);
    expect(ratio(verifier, bare, 'perSecond')).toBeCloseTo(0.6);
  });

  it('is an error where a round is missing', () => {
    expect(() => ratio(series('a', [1, 2]), series('b', [1]), 'perSecond')).toThrow('round 2');
  });
});

describe('the table', () => {
  it('sets each against the baseline that has as many connections', () => {
    const figures = figuresOf([series(BARE, [100, 200]), series('verifier', [50, 150])]);
    expect(figures[1]).toMatchObject({ perSecond: 100, ofBare: 0.625, p99OfBare: 1 });
    const [heads, , verifier] = formatTable(figures).split('\n');
    expect(heads).toContain('of bare');
    expect(verifier?.split(/\s{2,}/)).toEqual(['verifier', '128', '100', '0.625', '1.00', '2.00', '1.00']);
  });

  it('lists figures with their names', () => {
    expect(formatAsList({ a: 0.625, long: 'text', none: undefined })).toBe('a     0.63\nlong  text');
  });
});
