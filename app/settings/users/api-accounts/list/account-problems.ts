import type { AccountStatus } from '#lib/account-state/status.ts';
import { needsAttention } from '#lib/api-accounts/list-filter.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { formatBlockedSms } from '#lib/key-delivery/format-blocked-sms.ts';
import type { ResendRequest } from '#lib/key-delivery/reveal/schema.ts';
import { adviseOnBlockedSms } from '../blocked-sms.ts';

/** Something to do about an account: in two or three words, and in sentences. */
export type AccountProblem = { label: string; text: string; nextAttemptAt: Date | null };

const REPORTED_CHANGE: AccountProblem = {
  label: 'Change reported',
  text: 'A recent change was reported as unauthorised.',
  nextAttemptAt: null,
};

const REFUSED_NETWORK: AccountProblem = {
  label: 'Network refused',
  text: 'Requests were refused in the last 24 hours, because they didn’t come from an allowed network.',
  nextAttemptAt: null,
};

/** Lists the problems of an account, besides its status; the most important one first. */
export function listProblems(account: AccountSummary, canEdit: boolean): AccountProblem[] {
  const { openReports, deliveryProblems, smsBlockedReason, isRevealOpen, isNetworkRefused } = account;
  const problems: AccountProblem[] = [...deliveryProblems];
  if (openReports.length > 0) problems.unshift(REPORTED_CHANGE);
  if (smsBlockedReason !== null) {
    const advice = canEdit && isRevealOpen ? ` ${adviseOnBlockedSms(smsBlockedReason)}` : '';
    const text = `${formatBlockedSms(smsBlockedReason)}.${advice}`;
    problems.push({ label: 'Text not sent', text, nextAttemptAt: null });
  }
  if (isNetworkRefused) problems.push(REFUSED_NETWORK);
  return problems;
}

const NEXT_STEPS: Partial<Record<AccountStatus, string>> = {
  expired: 'Set a later expiry to let the same key work again.',
  leaked: 'The key was reported as leaked and no longer works. Reset it to send a new one.',
  link_expired: 'Reset the key to send a new link.',
  locked: 'Too many wrong codes. Reset the key to send a new link.',
};

/** Returns what an administrator can do about an account with this status; undefined if that is nothing. */
export const getNextStep = (status: AccountStatus) => NEXT_STEPS[status];

/**
 * Decides what the list offers for an account: to resend the messages that did not arrive, or to open the account. A
 * reported change comes first, because the messages might go to an attacker.
 * @returns null if the account does not need attention
 */
export function getRemedy(account: AccountSummary): { resend: ResendRequest } | 'review' | null {
  if (!needsAttention(account)) return null;
  const { isRevealOpen, openReports, deliveryProblems, smsBlockedReason } = account;
  if (!isRevealOpen || openReports.length > 0) return 'review';
  const isEmailAffected = deliveryProblems.some(({ message }) => message === 'email');
  const isTextAffected =
    smsBlockedReason !== null || deliveryProblems.some(({ message }) => message === 'text');
  if (isEmailAffected) return { resend: isTextAffected ? 'both' : 'email' };
  return isTextAffected ? { resend: 'text' } : 'review';
}
