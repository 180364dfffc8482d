import { describe, expect, it } from 'vitest';
import type { AccountDetails } from '#lib/api-accounts/schema.ts';
import {
  describeExpiryEffect,
  describeSavedExpiry,
  describeSavedScopes,
  describeScopesEffect,
} from './access-changes.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const PAST = new Date('2026-11-29T12:00:00Z');
const JUNE = new Date('2027-06-30T22:59:00Z');
const JULY = new Date('2027-07-31T22:59:00Z');
const LONDON = 'Europe/London';
const CONFIRM = 'You may have to confirm it’s you.';

const describeEffect = (
  before: Date | null,
  after: Date | string | null,
  { active = true, hasKey = true } = {},
) =>
  describeExpiryEffect(
    { expiresAt: before, hasKey, readAt: NOW, scopes: null },
    { expiresAt: after, active },
    LONDON,
  );

describe('describeExpiryEffect', () => {
  it('warns that a past time stops the key immediately', () => {
    expect(describeEffect(JUNE, PAST.toISOString())).toMatchObject({
      tone: 'warning',
      title: 'When you save, the API key stops working immediately',
    });
    expect(describeEffect(null, NOW)?.tone).toBe('warning');
    expect(describeEffect(null, PAST, { hasKey: false })?.title).toBe(
      'When you save, any key they collect stops working immediately',
    );
  });

  it.each<[string, Date | null, Date | string | null, string]>([
    [
      'a first expiry',
      null,
      JUNE,
      'From 23:59 BST on 30 Jun 2027, requests are refused until you set a later expiry.',
    ],
    [
      'an earlier one',
      JULY,
      JUNE,
      'From 23:59 BST on 30 Jun 2027, requests are refused until you set a later expiry.',
    ],
    [
      'a later one',
      JUNE,
      JULY.toISOString(),
      `When you save, the API key keeps working until 23:59 BST on 31 Jul 2027. ${CONFIRM}`,
    ],
    ['none any more', JUNE, null, `When you save, the API key keeps working without an expiry. ${CONFIRM}`],
    [
      'an extension of an expired account',
      PAST,
      JUNE,
      `When you save, the API key works again until 23:59 BST on 30 Jun 2027. ${CONFIRM}`,
    ],
    [
      'none any more, of an expired account',
      PAST,
      null,
      `When you save, the API key works again without an expiry. ${CONFIRM}`,
    ],
    ['another past time', PAST, NOW, 'This time has passed, too: the account stays expired.'],
  ])('describes %s', (_, before, after, text) => {
    expect(describeEffect(before, after)).toEqual({ tone: 'info', text });
  });

  it('does not promise access to an inactive account, or to one whose key was not collected', () => {
    expect(describeEffect(PAST, JUNE, { active: false })?.text).toContain(
      'The account is inactive: the API key works until 23:59 BST on 30 Jun 2027 once you tick',
    );
    expect(describeEffect(PAST, null, { hasKey: false })?.text).toContain('any key they collect works again');
  });

  it('describes nothing if the time is the same or invalid', () => {
    expect(describeEffect(JUNE, JUNE.toISOString())).toBeNull();
    expect(describeEffect(null, null)).toBeNull();
    expect(describeEffect(JUNE, 'incomplete')).toBeNull();
  });
});

describe('describeScopesEffect', () => {
  it.each<[string[] | null, string[] | null, string | undefined]>([
    [null, null, undefined],
    [['a', 'b'], ['b', 'a'], undefined],
    [null, ['a'], 'When you save, requests that need any other scope are refused.'],
    [null, [], 'When you save, requests that need a scope are refused.'],
    [['a'], null, `When you save, requests that need any scope are allowed. ${CONFIRM}`],
    [['a', 'b', 'c'], [], 'When you save, requests that need a, b or c are refused.'],
    [['a'], ['a', 'b'], `When you save, requests that need b are allowed. ${CONFIRM}`],
    [
      ['a'],
      ['b'],
      `When you save, requests that need a are refused. When you save, requests that need b are allowed. ${CONFIRM}`,
    ],
  ])('describes the change from %j to %j', (before, after, text) => {
    expect(describeScopesEffect(before, after)?.text).toBe(text);
  });
});

const createAccount = (fields: Partial<AccountDetails>) =>
  ({ status: 'active', readAt: NOW, expiresAt: null, scopes: null, ...fields }) as AccountDetails;

describe('describeSavedExpiry', () => {
  it.each<[Date | null, Date | null, AccountDetails['status'], string | false]>([
    [JUNE, JUNE, 'active', false],
    [null, JUNE, 'active', 'It expires at 23:59 BST on 30 Jun 2027.'],
    [JUNE, null, 'active', 'It doesn’t expire any more.'],
    [JUNE, PAST, 'expired', 'It has expired, and its key has stopped working.'],
    [PAST, NOW, 'expired', 'It stays expired.'],
    [PAST, JUNE, 'active', 'Its API key works again. It expires at 23:59 BST on 30 Jun 2027.'],
    [PAST, null, 'inactive', 'It doesn’t expire any more.'],
  ])('describes the change from %s to %s of an account that is then %s', (before, after, status, text) => {
    const saved = {
      before: createAccount({ expiresAt: before }),
      after: createAccount({ expiresAt: after, status }),
    };
    expect(describeSavedExpiry(saved, LONDON)).toBe(text);
  });
});

describe('describeSavedScopes', () => {
  it.each<[string[] | null, string[] | null, string | false]>([
    [['a'], ['a'], false],
    [['a'], null, 'It has full access.'],
    [null, [], 'It has no scopes.'],
    [null, ['a', 'b'], 'Its scopes are a and b.'],
  ])('describes the change from %j to %j', (before, after, text) => {
    const saved = { before: createAccount({ scopes: before }), after: createAccount({ scopes: after }) };
    expect(describeSavedScopes(saved)).toBe(text);
  });
});
