import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { LocalTime, RelativeTime } from './local-time.tsx';

const at = new Date('2026-06-29T23:00:00Z');
const now = new Date('2026-06-30T01:00:00Z');

describe('LocalTime', () => {
  it('uses the given time zone, and can be focused for its tooltip', () => {
    const markup = renderToStaticMarkup(<LocalTime at={at} format="time of day" timeZone="Europe/London" />);
    expect(markup).toContain('>00:00 BST</time>');
    expect(markup).toContain('dateTime="2026-06-29T23:00:00.000Z"');
    expect(markup).toMatch(/tabindex="0"/i);
  });
});

describe('RelativeTime', () => {
  it('can be focused for its tooltip, unless the exact time is next to it', () => {
    expect(renderToStaticMarkup(<RelativeTime at={at} now={now} />)).toMatch(/tabindex="0"/i);
    const besideExactTime = renderToStaticMarkup(<RelativeTime at={at} now={now} isBesideExactTime />);
    expect(besideExactTime).toContain('2 hours ago');
    expect(besideExactTime).not.toMatch(/tabindex/i);
  });
});
