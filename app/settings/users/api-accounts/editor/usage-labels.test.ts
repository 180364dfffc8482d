import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '#lib/api-accounts/usage/schema.ts';
import { buildDayBars, buildHourBars, listSeries, SERIES, summarizeUsage } from './usage-labels.ts';

const createPeriod = (length: number, last: string, step: number) => ({
  buckets: Array.from({ length }, (_, index) => ({
    ...NO_USAGE,
    from: new Date(Date.parse(last) - (length - 1 - index) * step),
  })),
  total: NO_USAGE,
});

describe('buildHourBars', () => {
  it('labels each hour differently, and adds a few ticks', () => {
    const bars = buildHourBars(createPeriod(24, '2026-03-01T14:00:00Z', 3_600_000), SERIES, 'UTC');
    expect(bars[0]).toEqual({ label: '28 Feb, 15:00–16:00 UTC', tick: '15:00', values: [0, 0, 0] });
    expect(bars[8]?.label).toBe('28 Feb, 23:00–00:00 UTC');
    expect(bars.flatMap(({ tick }) => tick ?? [])).toEqual(['15:00', '21:00', '03:00', '09:00', 'now']);
    expect(new Set(bars.map(({ label }) => label)).size).toBe(24);
  });

  it('labels hours in the given time zone', () => {
    const bars = buildHourBars(createPeriod(24, '2026-03-01T14:00:00Z', 3_600_000), SERIES, 'Asia/Kathmandu');
    expect(bars[0]).toMatchObject({ label: '28 Feb, 20:45–21:45 GMT+5:45', tick: '20:45' });
  });
});

describe('buildDayBars', () => {
  it('labels days, and adds a few ticks', () => {
    const bars = buildDayBars(createPeriod(30, '2026-09-01T00:00:00Z', 86_400_000), SERIES);
    expect(bars.at(-1)?.label).toBe('1 Sep');
    expect(bars.flatMap(({ tick }) => tick ?? [])).toEqual(['3 Aug', '10 Aug', '17 Aug', '24 Aug', 'today']);
  });
});

describe('listSeries', () => {
  it('has rare refusals only if there were some, in the same order as the values', () => {
    const hours = createPeriod(24, '2026-03-01T14:00:00Z', 3_600_000);
    const days = createPeriod(30, '2026-03-01T00:00:00Z', 86_400_000);
    expect(listSeries({ hours, days })).toEqual(SERIES);
    const counts = { ...NO_USAGE, allowed: 1, limited: 2, networkNotAllowed: 3, insufficientScope: 4 };
    const series = listSeries({ hours, days: { ...days, total: counts } });
    expect(series.map(({ label }) => label).slice(3)).toEqual([
      'Blocked: network not allowed',
      'Blocked: scope missing',
    ]);
    const [bar] = buildDayBars({ buckets: [{ ...counts, from: new Date(0) }], total: counts }, series);
    expect(bar?.values).toEqual([1, 0, 2, 3, 4]);
  });
});

describe('summarizeUsage', () => {
  it('counts requests by result', () => {
    const total = { ...NO_USAGE, allowed: 1_234_567, limited: 12 };
    expect(summarizeUsage({ buckets: [], total }, 'in the last 24 hours')).toBe(
      'Requests in the last 24 hours: 1,234,567 allowed, 0 blocked because the account was inactive, 12 blocked because they were over the limit.',
    );
  });

  it('mentions rare refusals only if there were some', () => {
    const total = { ...NO_USAGE, expired: 3, networkNotAllowed: 1_000 };
    expect(summarizeUsage({ buckets: [], total }, 'in the last 30 days')).toBe(
      'Requests in the last 30 days: 0 allowed, 0 blocked because the account was inactive, 0 blocked because they were over the limit, 3 blocked because the account had expired, 1,000 blocked because their network wasn’t allowed.',
    );
  });

  it('describes usage without requests', () => {
    expect(summarizeUsage({ buckets: [], total: NO_USAGE }, 'in the last 30 days')).toBe(
      'No requests in the last 30 days.',
    );
  });
});
