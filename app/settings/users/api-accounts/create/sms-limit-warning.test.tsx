import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { SmsLimitWarning } from './sms-limit-warning.tsx';

const USAGE = {
  queued: 30,
  blocked: 0,
  perDay: 30,
  resetsAt: new Date('2026-11-30T00:00:00Z'),
  timeZone: 'UTC',
};
const render = (usage: Partial<typeof USAGE>) =>
  renderToStaticMarkup(<SmsLimitWarning usage={{ ...USAGE, ...usage }} />);

describe('SmsLimitWarning', () => {
  it('warns that no code can be sent, and says when texts resume', () => {
    const html = render({});
    expect(html).toContain('Today’s limit of 30 texts has been reached');
    expect(html).toContain('we can’t text the code now');
    expect(html).toMatch(/Texts resume at <time dateTime="2026-11-30T00:00:00.000Z"[^>]*>00:00 UTC<\/time>/);
  });

  it('promises no time if texts are turned off', () => {
    expect(render({ perDay: 0 })).not.toContain('Texts resume');
  });

  it('shows nothing while texts are left', () => {
    expect(render({ queued: 29 })).toBe('');
  });
});
