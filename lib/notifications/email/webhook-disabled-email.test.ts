import { describe, expect, it } from 'vitest';
import { renderWebhookDisabledEmail } from './webhook-disabled-email.ts';

const input = {
  organisation: 'Northgate Gas',
  endpoint: 'https://hooks.example.org',
  description: 'SIEM\nof security',
  reason: 'failing' as const,
  link: 'https://access.northgate.example/settings/webhooks',
};

describe('renderWebhookDisabledEmail', () => {
  it('names the endpoint and the reason, and says what to do', async () => {
    const { subject, text } = await renderWebhookDisabledEmail(input);
    expect(subject).toBe('A webhook endpoint was disabled');
    expect(text).toContain('https://hooks.example.org (SIEM of security)');
    expect(text).toContain('No event could be delivered to it for five days.');
    expect(text).toContain('send a test event, then enable it');
    expect(text).toContain(input.link);
    const gone = await renderWebhookDisabledEmail({ ...input, description: '', reason: 'gone' });
    expect(gone.text).toContain('https://hooks.example.org. It responded with the status 410');
  });
});
