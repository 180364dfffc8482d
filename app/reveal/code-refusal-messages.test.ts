import { describe, expect, it } from 'vitest';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import {
  describeCodeRefusal,
  describeDeadEnd,
  describeNoNewCode,
  getNextStep,
  isNewCodeBlocked,
} from './code-refusal-messages.ts';

const ZONE = 'Europe/London';

const createView = (fields: Partial<RevealView> = {}): RevealView => ({
  organisation: 'Northgate',
  oldKey: null,
  phoneEnd: '456',
  isCodeByPhone: false,
  isSmsBlocked: false,
  codeExpiresAt: '2026-11-29T10:13:00Z',
  codeGeneration: 1,
  codeSentAt: '2026-11-29T10:03:00Z',
  attemptsLeft: 4,
  newCodeAt: '2026-11-29T10:03:30Z',
  newCodesLeft: 5,
  newCodeBlock: null,
  linkExpiresAt: '2026-11-30T10:00:00Z',
  now: '2026-11-29T10:04:00Z',
  ...fields,
});

const LIMIT_REACHED = { newCodeBlock: { until: '2026-11-30T00:00:00Z' } };
const EXPIRED = { codeExpiresAt: '2026-11-29T10:03:59Z' };
const NOW = Date.parse('2026-11-29T10:04:00Z');

describe('describeCodeRefusal', () => {
  const describeRefusal = (
    reason: 'wrong_code' | 'replaced_code' | 'code_expired' | 'sms_blocked' | 'too_many_attempts',
    view: RevealView,
    previous = createView(),
  ) => describeCodeRefusal({ reason, view }, previous, ZONE);

  it('says when a newer code than the entered one was sent', () => {
    expect(describeRefusal('replaced_code', createView({ codeGeneration: 2 }))).toBe(
      'A newer code was sent at 10:03 GMT. Use that one.',
    );
  });

  it('says that the code is now read out by phone, if that is the newer one', () => {
    const view = createView({ codeGeneration: 2, isCodeByPhone: true });
    const message = 'Your code now comes by phone. Use the one that Northgate reads out.';
    expect(describeRefusal('replaced_code', view)).toBe(message);
    expect(describeRefusal('wrong_code', view)).toBe(`That code isn’t right. 4 tries left. ${message}`);
  });

  it('adds to a wrong code that the code was replaced since the page last heard of it', () => {
    expect(describeRefusal('wrong_code', createView())).toBe('That code isn’t right. 4 tries left.');
    expect(describeRefusal('wrong_code', createView({ codeGeneration: 2 }))).toBe(
      'That code isn’t right. 4 tries left. A newer code was sent at 10:03 GMT. Use that one.',
    );
    const cancelled = createView({ codeGeneration: 2, attemptsLeft: 0 });
    expect(describeRefusal('wrong_code', cancelled)).not.toContain('newer');
  });

  it('says the same of an expired code before and after a new one is requested, if the limit is reached', () => {
    const view = createView({ ...EXPIRED, ...LIMIT_REACHED });
    const message =
      'This code has expired. We can text you a new one from 00:00 GMT on 30 Nov. If you can’t wait, contact Northgate.';
    expect(describeDeadEnd(view, NOW, ZONE)).toBe(message);
    expect(describeRefusal('code_expired', view)).toBe(message);
    expect(describeRefusal('sms_blocked', view)).toBe(message);
    expect(describeDeadEnd(view, NOW, 'Asia/Kathmandu')).toContain('from 05:45 GMT+5:45 on 30 Nov');
  });

  it('says the same of a cancelled code, and offers no time if waiting is no use', () => {
    const view = createView({ attemptsLeft: 0, newCodeBlock: { until: null } });
    const message =
      'This code was cancelled after too many tries. We can’t text you a new one. Contact Northgate.';
    expect(describeDeadEnd(view, NOW, ZONE)).toBe(message);
    expect(describeRefusal('too_many_attempts', view)).toBe(message);
    expect(describeRefusal('sms_blocked', view)).toBe(message);
  });

  it('offers no time at which the link will have expired', () => {
    const linkExpiresAt = '2026-11-30T00:00:00.000Z';
    const view = createView({ ...EXPIRED, ...LIMIT_REACHED, linkExpiresAt });
    const message = 'This code has expired. We can’t text you a new one. Contact Northgate.';
    expect(describeDeadEnd(view, NOW, ZONE)).toBe(message);
    expect(describeRefusal('code_expired', view)).toBe(message);
    expect(describeRefusal('sms_blocked', createView({ ...LIMIT_REACHED, linkExpiresAt }))).toBe(
      'We can’t text you right now, but your last code still works. To get another, contact Northgate.',
    );
    expect(describeNoNewCode(getNextStep(view, ZONE))).toBe('We can’t text you another. Contact Northgate.');
    const later = createView({ ...view, linkExpiresAt: '2026-11-30T00:00:01.000Z' });
    expect(describeDeadEnd(later, NOW, ZONE)).toContain('from 00:00 GMT on 30 Nov');
  });

  it('points out that the last code still works, only while it does', () => {
    expect(describeRefusal('sms_blocked', createView(LIMIT_REACHED))).toContain('your last code still works');
    for (const fields of [EXPIRED, { attemptsLeft: 0 }, { isSmsBlocked: true }]) {
      for (const block of [LIMIT_REACHED, { newCodeBlock: null }])
        expect(describeRefusal('sms_blocked', createView({ ...fields, ...block }))).not.toContain(
          'still works',
        );
    }
  });
});

describe('describeDeadEnd', () => {
  it('returns null while the code is usable or a new one can be requested', () => {
    expect(describeDeadEnd(createView(LIMIT_REACHED), NOW, ZONE)).toBeNull();
    expect(describeDeadEnd(createView(EXPIRED), NOW, ZONE)).toBeNull();
    expect(describeDeadEnd(createView({ ...EXPIRED, newCodesLeft: 0 }), NOW, ZONE)).toBe(
      'This code has expired. You’ve used all the codes for this link. Ask Northgate to reset your key.',
    );
  });
});

describe('isNewCodeBlocked', () => {
  it('returns true until the daily limits start again', () => {
    const midnight = Date.parse('2026-11-30T00:00:00Z');
    expect(isNewCodeBlocked(createView(LIMIT_REACHED), midnight - 1)).toBe(true);
    expect(isNewCodeBlocked(createView(LIMIT_REACHED), midnight)).toBe(false);
    expect(isNewCodeBlocked(createView({ newCodeBlock: { until: null } }), midnight)).toBe(true);
    expect(isNewCodeBlocked(createView({ newCodesLeft: 0 }), midnight)).toBe(true);
    expect(isNewCodeBlocked(createView(), midnight)).toBe(false);
  });
});
