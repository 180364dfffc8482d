import { describe, expect, it } from 'vitest';
import { describeResendWait, describeResent } from './resend-labels.ts';

const TO = { email: 'it@example.com', phone: '+447400123456' };
const SENT = { sent: true } as const;

describe('describeResent', () => {
  it('names both recipients', () => {
    const { title, description, tone } = describeResent({ ok: true, email: SENT, text: SENT }, TO);
    expect([title, tone]).toEqual(['Email and text resent', 'success']);
    expect(description).toContain(TO.email);
    expect(description).toContain(TO.phone);
  });

  it('distinguishes a sent message from one that has to wait', () => {
    const email = { sent: false, reason: 'too_soon', seconds: 12 } as const;
    expect(describeResent({ ok: true, email, text: SENT }, TO)).toMatchObject({
      title: 'Text resent',
      description: expect.stringContaining('You can resend the email in 12 seconds.'),
    });
  });

  it.each([
    [{ sent: false, reason: 'none_left' }, 'The text has been resent 5 times, the maximum.'],
    [
      { sent: false, reason: 'refused', failure: 'texts to France are turned off' },
      'Text not sent: texts to France are turned off.',
    ],
  ] as const)('explains why nothing was sent', (text, reason) => {
    const result = describeResent({ ok: false, reason: 'not_sent', email: null, text }, TO);
    expect(result).toMatchObject({ title: 'Nothing was sent', tone: 'info' });
    expect(result.description).toContain(reason);
  });

  it('recommends a reset if no key delivery is in progress', () => {
    const { description } = describeResent({ ok: false, reason: 'not_in_progress' }, TO);
    expect(description).toContain('reset the key');
  });
});

describe('describeResendWait', () => {
  const clock = Date.UTC(2026, 10, 24, 14);
  const from = (seconds: number, left = 5) => ({ at: new Date(clock + seconds * 1_000).toISOString(), left });

  it('counts down, returns null after the wait, and reports if no resend is left', () => {
    expect(describeResendWait('email', from(41.2), clock)).toBe('You can resend the email in 42 seconds.');
    expect(describeResendWait('text', from(0), clock)).toBeNull();
    expect(describeResendWait('text', from(-5), clock)).toBeNull();
    expect(describeResendWait('text', from(-5, 0), clock)).toContain('5 times');
  });
});
