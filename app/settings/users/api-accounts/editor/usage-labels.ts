import { formatDay } from '#components/relative-time.tsx';
import type { Bucket, Counts, Period } from '#lib/api-accounts/usage/schema.ts';
import { formatCount } from './limit-labels.ts';

const HOUR_MS = 3_600_000;

/** What a bar of the chart is made of, from its foot up. */
export const SERIES = [
  { label: 'Allowed', tone: 'main' },
  { label: 'Refused: not active', tone: 'quiet' },
  { label: 'Refused: over the limit', tone: 'alarm' },
] as const;

const timeInWords = (at: Date) => at.toISOString().slice(11, 16);

/** "24 Nov, 14:00–15:00", in UTC. */
function hourInWords({ from }: Bucket): string {
  const to = new Date(from.getTime() + HOUR_MS);
  return `${formatDay(from)}, ${timeInWords(from)}–${timeInWords(to)}`;
}

type Words = {
  bar: (bucket: Bucket) => string;
  tick: (bucket: Bucket) => string;
  every: number;
  last: string;
};

/** Ticks below every so many bars, and below the last one, which has only begun; none too near to that. */
function barsOf(buckets: Bucket[], words: Words) {
  const last = buckets.length - 1;
  return buckets.map((bucket, index) => {
    const isMarked = index % words.every === 0 && index < last - words.every / 2;
    const tick = index === last ? words.last : isMarked ? words.tick(bucket) : undefined;
    const { allowed, inactive, limited } = bucket;
    return { label: words.bar(bucket), tick, values: [allowed, inactive, limited] };
  });
}

export function hourBars({ buckets }: Period) {
  const tick = ({ from }: Bucket) => timeInWords(from);
  return barsOf(buckets, { bar: hourInWords, tick, every: 6, last: 'now' });
}

export function dayBars({ buckets }: Period) {
  const inWords = ({ from }: Bucket) => formatDay(from);
  return barsOf(buckets, { bar: inWords, tick: inWords, every: 7, last: 'today' });
}

export const isNothing = ({ allowed, inactive, limited }: Counts) => allowed + inactive + limited === 0;

/** What a screen reader says of a whole chart. `period`: "in the last 24 hours". */
export function summarizeUsage({ total }: Period, period: string): string {
  if (isNothing(total)) return `No requests ${period}.`;
  const [allowed, inactive, limited] = [total.allowed, total.inactive, total.limited].map(formatCount);
  return `Requests ${period}: ${allowed} allowed, ${inactive} refused because the account was not active, ${limited} refused because they were over the limit.`;
}
