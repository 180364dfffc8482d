import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '#lib/api-accounts/usage/schema.ts';
import { OldKeyUsage } from './old-key-usage.tsx';

const createPeriod = (allowedPrevious: number) => ({
  buckets: [],
  total: { ...NO_USAGE, allowed: 2_000, allowedPrevious },
});
const render = (hours: number, days: number) =>
  renderToStaticMarkup(<OldKeyUsage usage={{ hours: createPeriod(hours), days: createPeriod(days) }} />);

describe('OldKeyUsage', () => {
  it('shows the requests with an old key in both periods', () => {
    const text = render(0, 1_204).replaceAll(/<[^>]+>/g, ' ');
    expect(text).toMatch(/last 24 hours +0 +Allowed with an old key, in the last 30 days +1,204/);
  });

  it('shows nothing if no request had one', () => {
    expect(render(0, 0)).toBe('');
  });
});
