import type { ChartTone } from '#components/bar-chart-bars.tsx';
import { formatCount } from '#components/format.ts';
import { formatDay, formatHourAndMinute, formatTimeOfDay } from '#components/format-time.ts';
import type { AccountUsage, UsageBucket, UsageCounts, UsagePeriod } from '#lib/api-accounts/usage/schema.ts';

const HOUR_MS = 3_600_000;

type UsageSeries = { count: keyof UsageCounts; label: string; tone: ChartTone };

/** The segments of a bar that are always shown, from its base up. */
export const SERIES: UsageSeries[] = [
  { count: 'allowed', label: 'Allowed', tone: 'main' },
  { count: 'inactive', label: 'Blocked: account inactive', tone: 'quiet' },
  { count: 'limited', label: 'Blocked: over limit', tone: 'alarm' },
];

/** Segments that are shown only if there were such requests. */
const RARE_SERIES: UsageSeries[] = [
  { count: 'expired', label: 'Blocked: account expired', tone: 'quiet' },
  { count: 'networkNotAllowed', label: 'Blocked: network not allowed', tone: 'caution' },
  { count: 'insufficientScope', label: 'Blocked: scope missing', tone: 'dim' },
];

/** Lists the segments of both charts of an account. */
export const listSeries = ({ hours, days }: Pick<AccountUsage, 'hours' | 'days'>): UsageSeries[] => [
  ...SERIES,
  ...RARE_SERIES.filter(({ count }) => hours.total[count] + days.total[count] > 0),
];

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
function buildBars(
  buckets: UsageBucket[],
  series: UsageSeries[],
  { bar, tick, tickInterval, lastTick }: BarLabels,
) {
  const last = buckets.length - 1;
  return buckets.map((bucket, index) => {
    const hasTick = index % tickInterval === 0 && index < last - tickInterval / 2;
    const tickLabel = index === last ? lastTick : hasTick ? tick(bucket) : undefined;
    return { label: bar(bucket), tick: tickLabel, values: series.map(({ count }) => bucket[count]) };
  });
}

/** Builds a bar for each hour, labelled in the administrator's time zone. */
export function buildHourBars({ buckets }: UsagePeriod, series: UsageSeries[], timeZone: string) {
  const bar = (bucket: UsageBucket) => formatHour(bucket, timeZone);
  const tick = ({ from }: UsageBucket) => formatHourAndMinute(from, timeZone);
  return buildBars(buckets, series, { bar, tick, tickInterval: 6, lastTick: 'now' });
}

/** Builds a bar for each day. Days are counted in UTC. */
export function buildDayBars({ buckets }: UsagePeriod, series: UsageSeries[]) {
  const formatBucket = ({ from }: UsageBucket) => formatDay(from, 'UTC');
  const labels = { bar: formatBucket, tick: formatBucket, tickInterval: 7, lastTick: 'today' };
  return buildBars(buckets, series, labels);
}

export const hasNoRequests = (counts: UsageCounts) =>
  [...SERIES, ...RARE_SERIES].every(({ count }) => counts[count] === 0);

/** Reasons of the refusals that are mentioned only if there were some. */
const RARE_REASONS: Partial<Record<keyof UsageCounts, string>> = {
  expired: 'the account had expired',
  networkNotAllowed: 'their network wasn’t allowed',
  insufficientScope: 'the account didn’t have the scope',
};

/** Summarises a chart for screen readers. `period`: "in the last 24 hours". */
export function summarizeUsage({ total }: UsagePeriod, period: string): string {
  if (hasNoRequests(total)) return `No requests ${period}.`;
  const [allowed, inactive, limited] = [total.allowed, total.inactive, total.limited].map(formatCount);
  const rare = RARE_SERIES.filter(({ count }) => total[count] > 0).map(
    ({ count }) => `, ${formatCount(total[count])} blocked because ${RARE_REASONS[count]}`,
  );
  return `Requests ${period}: ${allowed} allowed, ${inactive} blocked because the account was inactive, ${limited} blocked because they were over the limit${rare.join('')}.`;
}
