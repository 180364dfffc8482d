import { expect, it } from 'vitest';
import { course, type Sample, slope } from './memory.ts';

const MB = 2 ** 20;
const sample = (at: number, rss: number): Sample => ({ at, memory: { rss, heapUsed: 0, external: 0 } });

it('finds the slope of what grows, through what goes up and down', () => {
  const wave = (x: number) => (x % 2 === 0 ? 1 : -1);
  const points = Array.from({ length: 101 }, (_, x) => ({ x, y: 7 + 3 * x + wave(x) }));
  expect(slope(points)).toBeCloseTo(3, 2);
});

it('tells what a process uses first and last, at most, and how much more each million of requests brings', () => {
  const samples = Array.from({ length: 21 }, (_, index) => sample(index * 500_000, (100 + index) * MB));
  const figures = course(samples, 'rss');
  expect(figures).toEqual({ first: 100.5, last: 119.5, most: 120, per_million_requests: 2 });
});
