import type { Measured } from './load.ts';

/** What is measured: a server, and what it is asked. */
export type Contender = {
  name: string;
  connections: number;
  port: number;
  keysFile: string;
  /** What every answer has to be. */
  expected: 200 | 401;
};

/** One contender's rounds; those of the same place in the list were measured one after the other. */
export type Series = { name: string; connections: number; rounds: Measured[] };

export type Figure = {
  name: string;
  connections: number;
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Of the baseline's at as many connections. */
  ofBare: number;
  p99OfBare: number;
  rounds: { perSecond: number; p50: number; p99: number }[];
};

export const BARE = 'bare node:http';

type Quantity = 'perSecond' | 'p50' | 'p99';

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new Error('there is no median of nothing');
  return (low + high) / 2;
}

/**
 * How often one contender's figure holds the other's: the median of the ratios of each round, so that whatever
 * else the machine did in a round fell on both.
 */
export function ratio(one: Series, other: Series, quantity: Quantity): number {
  const ratios = one.rounds.map((round, index) => {
    const base = other.rounds[index]?.[quantity];
    if (!base) throw new Error(`${other.name} has nothing to compare in round ${index + 1}`);
    return round[quantity] / base;
  });
  return median(ratios);
}

/** @throws where there is none */
export function find(series: Series[], name: string, connections: number): Series {
  const found = series.find((one) => one.name === name && one.connections === connections);
  if (!found) throw new Error(`${name} was not measured at ${connections} connections`);
  return found;
}

export function figuresOf(series: Series[]): Figure[] {
  return series.map((one) => {
    const { name, connections, rounds } = one;
    const bare = find(series, BARE, connections);
    const medianOf = (quantity: Quantity) => median(rounds.map((round) => round[quantity]));
    return {
      name,
      connections,
      perSecond: medianOf('perSecond'),
      p50: medianOf('p50'),
      p99: medianOf('p99'),
      ofBare: ratio(one, bare, 'perSecond'),
      p99OfBare: ratio(one, bare, 'p99'),
      rounds: rounds.map(({ perSecond, p50, p99 }) => ({ perSecond, p50, p99 })),
    };
  });
}
