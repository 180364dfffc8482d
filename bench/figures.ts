import type { LoadResult } from './load-generator.ts';

/** A server, and the requests to measure it with. */
export type Scenario = {
  name: string;
  connections: number;
  port: number;
  keysFile: string;
  /** The status that every response must have. */
  expected: 200 | 401;
};

/** The rounds of one scenario. Rounds with the same index were measured one after the other. */
export type Series = { name: string; connections: number; rounds: LoadResult[] };

/** The medians of one series. */
export type Figure = {
  name: string;
  connections: number;
  perSecond: number;
  /** Percentiles of the latency in milliseconds. */
  p50: number;
  p99: number;
  /** Ratio to the baseline at equal concurrency. */
  ratioToBaseline: number;
  p99RatioToBaseline: number;
  rounds: { perSecond: number; p50: number; p99: number }[];
};

export const BASELINE = 'bare node:http';

type Metric = 'perSecond' | 'p50' | 'p99';

/** Returns the middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new Error('a median needs at least one value');
  return (low + high) / 2;
}

/**
 * Returns the ratio of a metric in two series: the median of each round's ratio.
 * Other work on the machine during a round affects both series, so it cancels out.
 */
export function ratio(series: Series, base: Series, metric: Metric): number {
  const ratios = series.rounds.map((round, index) => {
    const baseValue = base.rounds[index]?.[metric];
    if (!baseValue) throw new Error(`${base.name} has nothing to compare in round ${index + 1}`);
    return round[metric] / baseValue;
  });
  return median(ratios);
}

/** @throws an Error if the scenario was not measured at this number of connections */
export function findSeries(series: Series[], name: string, connections: number): Series {
  const found = series.find((other) => other.name === name && other.connections === connections);
  if (!found) throw new Error(`${name} was not measured at ${connections} connections`);
  return found;
}

/** Calculates the medians of each series, and their ratios to the baseline. */
export function calculateFigures(all: Series[]): Figure[] {
  return all.map((series) => {
    const { name, connections, rounds } = series;
    const baseline = findSeries(all, BASELINE, connections);
    const medianOf = (metric: Metric) => median(rounds.map((round) => round[metric]));
    return {
      name,
      connections,
      perSecond: medianOf('perSecond'),
      p50: medianOf('p50'),
      p99: medianOf('p99'),
      ratioToBaseline: ratio(series, baseline, 'perSecond'),
      p99RatioToBaseline: ratio(series, baseline, 'p99'),
      rounds: rounds.map(({ perSecond, p50, p99 }) => ({ perSecond, p50, p99 })),
    };
  });
}

const HEADINGS = ['', 'connections', 'requests/s', 'vs bare', 'p50 ms', 'p99 ms', 'p99 vs bare'];

/** Formats the figures as a table with one line each. */
export function formatTable(figures: Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    String(figure.connections),
    figure.perSecond.toFixed(0),
    figure.ratioToBaseline.toFixed(3),
    figure.p50.toFixed(2),
    figure.p99.toFixed(2),
    figure.p99RatioToBaseline.toFixed(2),
  ]);
  const all = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return all.map((row) => row.map(pad).join('  ')).join('\n');
}

/** Formats names and values, one pair per line. Numbers get two decimals. */
export function formatList(entries: Record<string, string | number | undefined>): string {
  const defined = Object.entries(entries).filter(([, value]) => value !== undefined);
  const width = Math.max(...defined.map(([name]) => name.length));
  const format = (value: unknown) => (typeof value === 'number' ? value.toFixed(2) : String(value));
  return defined.map(([name, value]) => `${name.padEnd(width)}  ${format(value)}`).join('\n');
}
