import { expect, it } from 'vitest';
import type { MessageFact } from './facts.ts';
import { describeDeliveryReport, describeEnd } from './format.ts';

const sms = (fields: Partial<MessageFact> = {}): MessageFact => ({
  id: 'm',
  revealId: 'r',
  channel: 'sms',
  state: 'sent',
  attempts: 1,
  unanswered: 0,
  provider: 'sns',
  failure: null,
  nextAttemptAt: null,
  createdAt: new Date(0),
  endedAt: new Date(0),
  ...fields,
});

it('does not claim delivery of an SMS that only the carrier accepted', () => {
  const reason = "The phone's carrier accepted the text. It does not tell whether the phone got it.";
  const report = { messageId: 'm', kind: 'delivered', at: new Date(0), reason } as const;
  const entryText = describeDeliveryReport(sms(), report);
  expect(entryText).toEqual({ tone: 'plain', text: 'Text passed to the mobile network', details: reason });
  expect(describeDeliveryReport(sms({ provider: 'twilio' }), { ...report, reason: null })).toEqual({
    tone: 'success',
    text: 'Text delivered',
  });
});

it('distinguishes a failed SMS that may have arrived from one that cannot have', () => {
  expect(describeEnd(sms({ state: 'failed' }), false)?.text).toBe('Text couldn’t be sent');
  expect(describeEnd(sms({ state: 'failed', unanswered: 3 }), false)?.text).toBe('Text may not have arrived');
});

it.each(['the daily limit of 30 was reached', 'the daily limit of 30 was reached.'])(
  'says why the SMS policy blocked an SMS, without a full stop: %s',
  (failure) => {
    expect(describeEnd(sms({ state: 'refused', failure }), false)).toEqual({
      tone: 'problem',
      text: 'Text not sent: the daily limit of 30 was reached',
    });
  },
);
