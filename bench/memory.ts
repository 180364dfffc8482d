import { setTimeout as delay } from 'node:timers/promises';
import { median } from './figures.ts';
import type { BenchServer, Memory } from './servers.ts';

/** `at`: milliseconds since the watch began, or requests answered since then. */
export type Sample = { at: number; memory: Memory };

const EVERY_MS = 1_000;

/** Reads what a process uses once a second, until the work is done. */
export async function watchMemory<T>(
  server: BenchServer,
  work: () => Promise<T>,
): Promise<{ result: T; samples: Sample[] }> {
  const samples: Sample[] = [];
  const begun = performance.now();
  const working = work();
  const done = working.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([done, delay(EVERY_MS, false)]))) {
    samples.push({ at: performance.now() - begun, memory: await server.memory() });
  }
  return { result: await working, samples };
}

/** How much more each step to the right brings: the slope of the line of least squares. */
export function slope(points: { x: number; y: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const together = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return together / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}

const megabytes = (bytes: number) => Math.round(bytes / 2 ** 14) / 2 ** 6;

/** Megabytes: the median of the samples. */
export function usual(samples: Sample[], quantity: keyof Memory = 'rss'): number {
  return megabytes(median(samples.map(({ memory }) => memory[quantity])));
}

/** Megabytes: at the beginning and at the end (a tenth of the samples each), at most, and by how much it grows. */
export function course(samples: Sample[], quantity: keyof Memory) {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const points = samples.map(({ at, memory }) => ({ x: at / 1e6, y: memory[quantity] }));
  return {
    first: usual(samples.slice(0, tenth), quantity),
    last: usual(samples.slice(-tenth), quantity),
    most: megabytes(Math.max(...points.map(({ y }) => y))),
    per_million_requests: megabytes(slope(points)),
  };
}
