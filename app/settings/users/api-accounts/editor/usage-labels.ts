import { formatCount } from '#components/format.ts';
import { formatDay, formatHourAndMinute, formatTimeOfDay } from '#components/format-time.ts';
import type { UsageBucket, UsageCounts, UsagePeriod } from '#lib/api-accounts/usage/schema.ts';

const HOUR_MS = 3_600_000;

/** The segments of a bar, from its base up. */
export const SERIES = [
  { label: 'Allowed', tone: 'main' },
  { label: 'Blocked: account inactive', tone: 'quiet' },
  { label: 'Blocked: over limit', tone: 'alarm' },
] as const;

/** Formats an hour as "24 Nov, 14:00–15:00 GMT". */
function formatHour({ from }: UsageBucket, timeZone: string): string {
  const to = new Date(from.getTime() + HOUR_MS);
  return `${formatDay(from, timeZone)}, ${formatHourAndMinute(from, timeZone)}–${formatTimeOfDay(to, timeZone)}`;
}

type BarLabels = {
  bar: (bucket: UsageBucket) => string;
  tick: (bucket: UsageBucket) => string;
  /** Number of bars between two ticks. */
  tickInterval: number;
  /** Tick of the last bar, whose period has not ended. */
  lastTick: string;
};

/** Builds the bars, with ticks at the interval and below the last bar, but none too close to the last. */
function buildBars(buckets: UsageBucket[], { bar, tick, tickInterval, lastTick }: BarLabels) {
  const last = buckets.length - 1;
  return buckets.map((bucket, index) => {
    const hasTick = index % tickInterval === 0 && index < last - tickInterval / 2;
    const tickLabel = index === last ? lastTick : hasTick ? tick(bucket) : undefined;
    const { allowed, inactive, limited } = bucket;
    return { label: bar(bucket), tick: tickLabel, values: [allowed, inactive, limited] };
  });
}

/** Builds a bar for each hour, labelled in the administrator's time zone. */
export function buildHourBars({ buckets }: UsagePeriod, timeZone: string) {
  const bar = (bucket: UsageBucket) => formatHour(bucket, timeZone);
  const tick = ({ from }: UsageBucket) => formatHourAndMinute(from, timeZone);
  return buildBars(buckets, { bar, tick, tickInterval: 6, lastTick: 'now' });
}

/** Builds a bar for each day. Days are counted in UTC. */
export function buildDayBars({ buckets }: UsagePeriod) {
  const formatBucket = ({ from }: UsageBucket) => formatDay(from, 'UTC');
  return buildBars(buckets, { bar: formatBucket, tick: formatBucket, tickInterval: 7, lastTick: 'today' });
}

export const hasNoRequests = ({ allowed, inactive, limited }: UsageCounts) =>
  allowed + inactive + limited === 0;

/** Summarises a chart for screen readers. `period`: "in the last 24 hours". */
export function summarizeUsage({ total }: UsagePeriod, period: string): string {
  if (hasNoRequests(total)) return `No requests ${period}.`;
  const [allowed, inactive, limited] = [total.allowed, total.inactive, total.limited].map(formatCount);
  return `Requests ${period}: ${allowed} allowed, ${inactive} blocked because the account was inactive, ${limited} blocked because they were over the limit.`;
}
