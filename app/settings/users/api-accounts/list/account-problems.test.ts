import { describe, expect, it } from 'vitest';
import type { AccountSummary, DeliveryProblem } from '#lib/api-accounts/schema.ts';
import { getRemedy, listProblems } from './account-problems.ts';

const ACCOUNT: AccountSummary = {
  id: 'a',
  username: 'Contoso',
  displayName: '',
  email: 'it@contoso.example',
  phone: '+447894123456',
  status: 'awaiting_collection',
  active: true,
  version: 1,
  revealId: 'r',
  hasKey: false,
  requestsPerMinute: null,
  lastUsedAt: null,
  createdAt: new Date(0),
  expiresAt: null,
  oldKey: null,
  isRevealOpen: true,
  deliveryProblems: [],
  openReports: [],
  leak: null,
  isNetworkRefused: false,
  smsBlockedReason: null,
};
const createProblem = (message: DeliveryProblem['message']): DeliveryProblem => ({
  message,
  label: `${message} bounced`,
  text: `The ${message} bounced.`,
  nextAttemptAt: null,
});
const REPORT = {
  id: 'c',
  reportedAt: new Date(0),
  changedAt: new Date(0),
  changedBy: null,
  email: null,
  phone: null,
};

describe('getRemedy', () => {
  it.each<[string, Partial<AccountSummary>, ReturnType<typeof getRemedy>]>([
    ['nothing', {}, null],
    ['the email', { deliveryProblems: [createProblem('email')] }, { resend: 'email' }],
    ['the text', { deliveryProblems: [createProblem('text')] }, { resend: 'text' }],
    ['a blocked text', { smsBlockedReason: 'texts are turned off' }, { resend: 'text' }],
    [
      'both messages',
      { deliveryProblems: [createProblem('email')], smsBlockedReason: 'texts are turned off' },
      { resend: 'both' },
    ],
    ['the notice of a change', { deliveryProblems: [createProblem('notice')] }, 'review'],
    [
      'a reported change, whatever was not delivered',
      { deliveryProblems: [createProblem('email')], openReports: [REPORT] },
      'review',
    ],
    ['a refused network', { status: 'active', isRevealOpen: false, isNetworkRefused: true }, 'review'],
    ['a leaked key', { status: 'leaked', isRevealOpen: false }, 'review'],
    ['an expired link', { status: 'link_expired', isRevealOpen: false }, 'review'],
    ['a locked link', { status: 'locked', isRevealOpen: false }, 'review'],
  ])('offers the right thing for %s', (_, fields, remedy) => {
    expect(getRemedy({ ...ACCOUNT, ...fields })).toEqual(remedy);
  });
});

describe('listProblems', () => {
  const account = {
    ...ACCOUNT,
    deliveryProblems: [createProblem('email')],
    openReports: [REPORT],
    smsBlockedReason: 'the daily limit of 30 was reached',
    isNetworkRefused: true,
  };

  it('begins with a reported change', () => {
    expect(listProblems(account, true).map(({ label }) => label)).toEqual([
      'Change reported',
      'email bounced',
      'Text not sent',
      'Network refused',
    ]);
  });

  it('advises only those who can resend the text, and only if that is possible', () => {
    const getText = (...parameters: Parameters<typeof listProblems>) =>
      listProblems(...parameters).find(({ label }) => label === 'Text not sent')?.text;
    expect(getText(account, true)).toContain('then resend');
    for (const text of [getText(account, false), getText({ ...account, isRevealOpen: false }, true)])
      expect(text).toBe('Text not sent: the daily limit of 30 was reached.');
  });
});
