import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { UsageConsequence } from './usage-consequence.tsx';

const resetsAt = new Date('2026-06-29T23:00:00Z');

/** Renders on the server, for an organisation in London, and returns the text. */
function render(queued: number, perDay: number): string {
  const usage = { queued, blocked: 0, perDay, resetsAt, timeZone: 'Europe/London' };
  const markup = renderToStaticMarkup(<UsageConsequence usage={usage} />);
  return markup.replaceAll(/<[^>]+>/g, '');
}

describe('UsageConsequence', () => {
  it.each([
    [160, 200, '40 left today. After that, no texts are sent until 00:00 BST.'],
    [9_999, 20_000, '10,001 left today. After that, no texts are sent until 00:00 BST.'],
    [
      200,
      200,
      'Emails are still sent, but companies can’t collect a key without a code. Texts resume at 00:00 BST.',
    ],
    // Texts are turned off, so they do not resume.
    [0, 0, 'Emails are still sent, but companies can’t collect a key without a code.'],
  ])('describes what is left at %i of %i texts', (queued, perDay, text) => {
    expect(render(queued, perDay)).toBe(text);
  });
});
