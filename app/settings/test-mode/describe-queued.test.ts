import { describe, expect, it } from 'vitest';
import { describeQueued } from './describe-queued.ts';

const EMAIL = { content: 'the link', recipient: 'it@example.com' };
const SMS = { content: 'the code', recipient: '+447400123456' };
const BOTH = { email: EMAIL, sms: SMS };

describe('describeQueued', () => {
  it.each([
    [
      'all providers',
      BOTH,
      { email: false, sms: false },
      'We’re emailing the link to it@example.com and texting the code to +447400123456.',
    ],
    [
      'no provider',
      BOTH,
      { email: true, sms: true },
      'The link for it@example.com and the code for +447400123456 are in the outbox.',
    ],
    [
      'an email provider only',
      BOTH,
      { email: false, sms: true },
      'We’re emailing the link to it@example.com. The code for +447400123456 is in the outbox.',
    ],
    [
      'an SMS provider only',
      BOTH,
      { email: true, sms: false },
      'We’re texting the code to +447400123456. The link for it@example.com is in the outbox.',
    ],
    [
      'no provider and no SMS',
      { email: EMAIL },
      { email: true, sms: true },
      'The link for it@example.com is in the outbox.',
    ],
    [
      'a provider and no email',
      { sms: SMS },
      { email: false, sms: false },
      'We’re texting the code to +447400123456.',
    ],
    ['no message', {}, { email: true, sms: true }, ''],
  ])('describes where the messages are with %s', (_, messages, outbox, sentence) => {
    expect(describeQueued(messages, outbox)).toBe(sentence);
  });
});
