import { describe, expect, it } from 'vitest';
import { describeResendWait, describeResent } from './resend-labels.ts';

const RECIPIENT = { email: 'it@example.com', phone: '+447400123456' };
const NO_OUTBOX = { email: false, sms: false };
const SENT = { sent: true } as const;

describe('describeResent', () => {
  it('names both recipients', () => {
    const { title, description, tone } = describeResent(
      { ok: true, email: SENT, text: SENT },
      RECIPIENT,
      NO_OUTBOX,
    );
    expect([title, tone]).toEqual(['Email and text resent', 'success']);
    expect(description).toContain(RECIPIENT.email);
    expect(description).toContain(RECIPIENT.phone);
  });

  it('says that the messages are in the outbox in test mode', () => {
    const outbox = { email: true, sms: true };
    expect(describeResent({ ok: true, email: SENT, text: SENT }, RECIPIENT, outbox).description).toBe(
      'The same link for it@example.com and a new code for +447400123456 are in the outbox. Earlier codes no longer work.',
    );
  });

  it('distinguishes a sent message from one that has to wait', () => {
    const email = { sent: false, reason: 'too_soon', seconds: 12 } as const;
    expect(describeResent({ ok: true, email, text: SENT }, RECIPIENT, NO_OUTBOX)).toMatchObject({
      title: 'Text resent',
      description: expect.stringContaining('You can resend the email in 12 seconds.'),
    });
  });

  it.each([
    ['The text has been resent 5 times, the maximum.', { sent: false, reason: 'no_resends_left' }],
    [
      'Text not sent: texts to France are turned off.',
      { sent: false, reason: 'sms_blocked', smsBlockedReason: 'texts to France are turned off' },
    ],
  ] as const)('explains why nothing was sent: %s', (explanation, text) => {
    const result = describeResent({ ok: false, reason: 'not_sent', email: null, text }, RECIPIENT, NO_OUTBOX);
    expect(result).toMatchObject({ title: 'Nothing was sent', tone: 'info' });
    expect(result.description).toContain(explanation);
  });

  it('recommends a reset if no key delivery is in progress', () => {
    const { description } = describeResent({ ok: false, reason: 'not_in_progress' }, RECIPIENT, NO_OUTBOX);
    expect(description).toContain('reset the key');
    // The list shows it as well, where no steps are below.
    expect(description).toContain('under Delivery');
  });

  it('says that newer messages were sent', () => {
    const { title, description } = describeResent({ ok: false, reason: 'replaced' }, RECIPIENT, NO_OUTBOX);
    expect(title).toBe('Nothing was sent');
    expect(description).toContain('A new link and code have been sent');
    expect(description).toContain('under Delivery');
  });
});

describe('describeResendWait', () => {
  const now = Date.UTC(2026, 10, 24, 14);
  const createAvailability = (seconds: number, left = 5) => ({
    at: new Date(now + seconds * 1_000).toISOString(),
    left,
  });

  it('describes the wait, returns null after it, and explains that no resend is left', () => {
    expect(describeResendWait('email', createAvailability(41.2), now)).toBe(
      'You can resend the email in 42 seconds.',
    );
    expect(describeResendWait('text', createAvailability(0), now)).toBeNull();
    expect(describeResendWait('text', createAvailability(-5), now)).toBeNull();
    expect(describeResendWait('text', createAvailability(-5, 0), now)).toContain('5 times');
  });
});
