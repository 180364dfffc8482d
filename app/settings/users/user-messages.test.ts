import { describe, expect, it } from 'vitest';
import { describeInvitationSent } from './user-messages.ts';

describe('describeInvitationSent', () => {
  it('says that the invitation is in the outbox if emails are not sent', () => {
    expect(describeInvitationSent('grace@example.com', { email: true, sms: false })).toBe(
      'Invitation for grace@example.com is in the outbox',
    );
    expect(describeInvitationSent('grace@example.com', { email: false, sms: true })).toBe(
      'Invitation on its way to grace@example.com',
    );
  });
});
