import { describe, expect, it } from 'vitest';
import type { OldKey } from '#lib/key-delivery/timeline/schema.ts';
import {
  describeConsequence,
  explainNoChoice,
  formatHours,
  formatRequestsToday,
  OLD_KEY_HOURS,
} from './reset-labels.ts';

const OLD_KEY: OldKey = {
  expiresAt: '2026-12-01T10:00:00.000Z',
  endsOn: null,
  lastUsedAt: null,
  newKey: 'not_collected',
};
const ACTIVE = { status: 'active', hasKey: true, oldKey: null } as const;
const WAITING = { status: 'awaiting_collection', hasKey: false, oldKey: null } as const;

describe('formatHours', () => {
  it('formats the set times', () => {
    expect(OLD_KEY_HOURS.map(formatHours)).toEqual(['1 hour', '24 hours', '7 days']);
  });
});

describe('formatRequestsToday', () => {
  it('formats none, one and many', () => {
    expect([0, 1, 1_204].map((requests) => formatRequestsToday(requests, 1))).toEqual([
      'no requests today',
      '1 request today',
      '1,204 requests today',
    ]);
  });

  it('counts the addresses if there were several', () => {
    expect(formatRequestsToday(1_204, 2)).toBe('1,204 requests today from 2 addresses');
    expect(formatRequestsToday(1_204, 100)).toBe('1,204 requests today from more than 99 addresses');
    expect(formatRequestsToday(0, 2)).toBe('no requests today');
  });
});

describe('explainNoChoice', () => {
  it('offers the choice if an account has a key, or an old key that works', () => {
    expect(explainNoChoice(ACTIVE)).toBeNull();
    expect(explainNoChoice({ ...WAITING, oldKey: OLD_KEY })).toBeNull();
    expect(explainNoChoice({ ...WAITING, status: 'link_expired', oldKey: OLD_KEY })).toBeNull();
    expect(explainNoChoice({ ...WAITING, status: 'leaked', oldKey: OLD_KEY })).toBeNull();
  });

  it.each([
    [{ ...ACTIVE, status: 'inactive' }, 'the account is inactive'],
    [{ ...ACTIVE, status: 'expired' }, 'the account has expired'],
    [WAITING, 'There’s no old key yet'],
    [{ ...WAITING, status: 'leaked' }, 'The leaked key can’t work again.'],
    [{ ...WAITING, status: 'locked' }, 'There’s no old key yet'],
  ] as const)('says why there is none for %o', (account, reason) => {
    expect(explainNoChoice(account)).toContain(reason);
  });
});

describe('describeConsequence', () => {
  it.each([
    ['immediately', 'The current key stops working immediately. You can’t undo this.'],
    ['on_collection', 'The current key works until they collect the new one, for 7 days at most.'],
    ['on_first_use', 'The current key works until the new one is first used, for 7 days at most.'],
    [{ hours: 24 }, 'The current key works for another 24 hours, beside the new one.'],
  ] as const)('says when the current key ends (%o)', (choice, text) => {
    expect(describeConsequence(ACTIVE, choice)).toBe(text);
  });

  it('says when an old key ends, whose replacement was not collected', () => {
    expect(describeConsequence(WAITING, 'immediately')).not.toContain('old key');
    expect(describeConsequence({ ...WAITING, oldKey: OLD_KEY }, 'on_first_use')).toMatch(
      /The link and code already sent will stop working\. The old key works until the new one is first used/,
    );
    const expired = { ...WAITING, status: 'link_expired', oldKey: OLD_KEY } as const;
    expect(describeConsequence(expired, 'immediately')).toContain('The old key stops working immediately.');
  });
});
