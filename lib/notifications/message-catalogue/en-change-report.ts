import { formatDuration } from '#lib/platform/rate-limiter/format.ts';

export const REPORT_CHANGE = 'This was not us';

export type ChangedFields = { isEmailChanged: boolean; isPhoneChanged: boolean };

/** The page on which a recipient of the change notice reports an unauthorised change. */
export const changeReportPage = {
  title: 'Was this you?',
  introduction: ({ organisation }: { organisation: string }) =>
    `The contact details of an API account at ${organisation} were changed. If you didn’t ask for this, tell us and we’ll alert the administrators.`,
  account: 'API account',
  changed: 'What changed',
  changedFields: ({ isEmailChanged, isPhoneChanged }: ChangedFields) => {
    if (isEmailChanged && isPhoneChanged) return 'Email address and phone number';
    return isEmailChanged ? 'Email address' : 'Phone number';
  },
  changedAt: 'When',
  report: REPORT_CHANGE,
  expected: 'Expected this change? You can close this page.',
  reported: 'Thank you',
  reportedBefore: 'Already reported',
  administratorsNotified: ({ organisation }: { organisation: string }) =>
    `We’ve told the administrators at ${organisation} that you didn’t make this change.`,
  afterReport: 'They’ll look into it. You can close this page.',
  invalidLinkReasons: ({ days }: { days: number }) =>
    `It may have expired. Links last ${formatDuration(days, 'day')}.`,
  invalidLinkAdvice: ({ organisation }: { organisation: string }) =>
    `Open the link in the email again. If it still doesn’t work and you didn’t ask for the change, tell ${organisation}.`,
};
