import { formatCount } from '#components/format.ts';
import { formatDay } from '#components/format-time.ts';
import type { Bucket, Counts, Period } from '#lib/api-accounts/usage/schema.ts';

const HOUR_MS = 3_600_000;

/** The segments of a bar, from its base up. */
export const SERIES = [
  { label: 'Allowed', tone: 'main' },
  { label: 'Refused: not active', tone: 'quiet' },
  { label: 'Refused: over the limit', tone: 'alarm' },
] as const;

const formatTime = (at: Date) => at.toISOString().slice(11, 16);

/** Formats an hour in UTC as "24 Nov, 14:00–15:00". */
function formatHour({ from }: Bucket): string {
  const to = new Date(from.getTime() + HOUR_MS);
  return `${formatDay(from, 'UTC')}, ${formatTime(from)}–${formatTime(to)}`;
}

type BarLabels = {
  bar: (bucket: Bucket) => string;
  tick: (bucket: Bucket) => string;
  /** Number of bars between two ticks. */
  tickInterval: number;
  /** Tick of the last bar, whose period has not ended. */
  lastTick: string;
};

/** Builds the bars, with ticks at the interval and below the last bar, but none too close to the last. */
function buildBars(buckets: Bucket[], { bar, tick, tickInterval, lastTick }: BarLabels) {
  const last = buckets.length - 1;
  return buckets.map((bucket, index) => {
    const hasTick = index % tickInterval === 0 && index < last - tickInterval / 2;
    const tickLabel = index === last ? lastTick : hasTick ? tick(bucket) : undefined;
    const { allowed, inactive, limited } = bucket;
    return { label: bar(bucket), tick: tickLabel, values: [allowed, inactive, limited] };
  });
}

export function hourBars({ buckets }: Period) {
  const tick = ({ from }: Bucket) => formatTime(from);
  return buildBars(buckets, { bar: formatHour, tick, tickInterval: 6, lastTick: 'now' });
}

export function dayBars({ buckets }: Period) {
  const formatBucket = ({ from }: Bucket) => formatDay(from, 'UTC');
  return buildBars(buckets, { bar: formatBucket, tick: formatBucket, tickInterval: 7, lastTick: 'today' });
}

export const isEmpty = ({ allowed, inactive, limited }: Counts) => allowed + inactive + limited === 0;

/** Summarises a chart for screen readers. `period`: "in the last 24 hours". */
export function summarizeUsage({ total }: Period, period: string): string {
  if (isEmpty(total)) return `No requests ${period}.`;
  const [allowed, inactive, limited] = [total.allowed, total.inactive, total.limited].map(formatCount);
  return `Requests ${period}: ${allowed} allowed, ${inactive} refused because the account was not active, ${limited} refused because they were over the limit.`;
}
