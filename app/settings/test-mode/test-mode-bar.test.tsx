import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { TestModeBar } from './test-mode-bar.tsx';

const render = (email: boolean, sms: boolean, canOpenOutbox = true) =>
  renderToStaticMarkup(<TestModeBar channels={{ email, sms }} canOpenOutbox={canOpenOutbox} />);
/** Returns the text of the bar. */
const readText = (html: string) => html.replaceAll(/<[^>]*>/g, '');

describe('TestModeBar', () => {
  it.each([
    [true, true, 'Test mode: emails and texts are not sent. Open outbox'],
    [true, false, 'Test mode: emails are not sent. Open outbox'],
    [false, true, 'Test mode: texts are not sent. Open outbox'],
    [false, false, ''],
  ])('names the messages that are not sent: emails %s, texts %s', (email, sms, text) => {
    expect(readText(render(email, sms))).toBe(text);
  });

  it('links to the outbox only if the user may open it', () => {
    expect(render(true, true)).toContain('href="/outbox"');
    expect(render(true, true, false)).not.toContain('outbox');
  });
});
