import { expect, it } from 'vitest';
import { describeDeliveryReport, describeFinalState } from './entry-text.ts';
import type { MessageRow } from './rows.ts';

const createSms = (fields: Partial<MessageRow> = {}): MessageRow => ({
  id: 'm',
  revealId: 'r',
  channel: 'sms',
  state: 'sent',
  attempts: 1,
  unanswered: 0,
  provider: 'sns',
  failure: null,
  codeGeneration: 1,
  nextAttemptAt: null,
  createdAt: new Date(0),
  endedAt: new Date(0),
  ...fields,
});

it('describeDeliveryReport does not claim delivery of an SMS that only the carrier accepted', () => {
  const reason = "The phone's carrier accepted the text.";
  const report = { messageId: 'm', kind: 'delivered', at: new Date(0), reason } as const;
  const entryText = describeDeliveryReport(createSms(), report);
  expect(entryText).toEqual({ tone: 'plain', text: 'Text passed to the mobile network', details: reason });
  expect(describeDeliveryReport(createSms({ provider: 'twilio' }), { ...report, reason: null })).toEqual({
    tone: 'success',
    text: 'Text delivered',
  });
});

it('describeFinalState distinguishes a failed SMS that may have arrived from one that was not sent', () => {
  expect(describeFinalState(createSms({ state: 'failed' }), false)?.text).toBe('Text couldn’t be sent');
  expect(describeFinalState(createSms({ state: 'failed', unanswered: 3 }), false)?.text).toBe(
    'Text may not have arrived',
  );
});

it.each(['the daily limit of 30 was reached', 'the daily limit of 30 was reached.'])(
  'describeFinalState states why the SMS policy blocked an SMS, without a full stop: %s',
  (failure) => {
    expect(describeFinalState(createSms({ state: 'refused', failure }), false)).toEqual({
      tone: 'problem',
      text: 'Text not sent: the daily limit of 30 was reached',
    });
  },
);
