import { setTimeout as delay } from 'node:timers/promises';
import { median } from './figures.ts';
import type { BenchServer, Memory } from './servers.ts';

/** `at`: milliseconds or requests since sampling began. */
export type Sample = { at: number; memory: Memory };

const INTERVAL_MS = 1_000;

/** Samples a server's memory once a second, until the work is done. */
export async function sampleMemory<T>(
  server: BenchServer,
  work: () => Promise<T>,
): Promise<{ result: T; samples: Sample[] }> {
  const samples: Sample[] = [];
  const startedAt = performance.now();
  const working = work();
  const done = working.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([done, delay(INTERVAL_MS, false)]))) {
    samples.push({ at: performance.now() - startedAt, memory: await server.readMemory() });
  }
  return { result: await working, samples };
}

/** Returns the slope of the least-squares line. */
export function leastSquaresSlope(points: { x: number; y: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const covariance = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return covariance / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}

const toMegabytes = (bytes: number) => Math.round(bytes / 2 ** 14) / 2 ** 6;

/** Returns the median memory of samples in megabytes. */
export function medianMegabytes(samples: Sample[], metric: keyof Memory = 'rss'): number {
  return toMegabytes(median(samples.map(({ memory }) => memory[metric])));
}

/**
 * Summarises samples in megabytes: the medians of the first and the last tenth, the maximum, and the growth.
 * @param samples `at` is a number of requests
 */
export function summarizeMemory(samples: Sample[], metric: keyof Memory) {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const points = samples.map(({ at, memory }) => ({ x: at / 1e6, y: memory[metric] }));
  return {
    first: medianMegabytes(samples.slice(0, tenth), metric),
    last: medianMegabytes(samples.slice(-tenth), metric),
    max: toMegabytes(Math.max(...points.map(({ y }) => y))),
    growth_per_million_requests: toMegabytes(leastSquaresSlope(points)),
  };
}
