import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { UsageConsequence } from './usage-consequence.tsx';

const resetsAt = new Date('2026-11-30T00:00:00Z');

/** Renders on the server, where times are in UTC, and returns the text. */
function render(queued: number, perDay: number): string {
  const markup = renderToStaticMarkup(<UsageConsequence usage={{ queued, blocked: 0, perDay, resetsAt }} />);
  return markup.replaceAll(/<[^>]+>/g, '');
}

describe('UsageConsequence', () => {
  it.each([
    [160, 200, '40 left today. After that, no texts are sent until 00:00 UTC.'],
    [9_999, 20_000, '10,001 left today. After that, no texts are sent until 00:00 UTC.'],
    [
      200,
      200,
      'Emails are still sent, but companies can’t collect a key without a code. Texts resume at 00:00 UTC.',
    ],
    // Texts are turned off, so they do not resume.
    [0, 0, 'Emails are still sent, but companies can’t collect a key without a code.'],
  ])('describes what is left at %i of %i texts', (queued, perDay, text) => {
    expect(render(queued, perDay)).toBe(text);
  });
});
