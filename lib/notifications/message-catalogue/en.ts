import {
  COPY_HINT,
  type EmailText,
  formatDateTime,
  formatInTimeZone,
  type LinkText,
  richText,
  strong,
} from '#lib/notifications/email/format.ts';
import { formatDuration } from '#lib/platform/rate-limiter/format.ts';
import { type ChangedFields, changeReportPage, REPORT_CHANGE } from './en-change-report.ts';
import { leakedPage } from './en-leaked.ts';
import { copyButton, links } from './en-links.ts';
import { codeErrors, codePage, describeOldKey, keyPage, type OldKeyValues, SEE_KEY } from './en-pages.ts';

const sms = {
  code: ({ name, code }: { name: string; code: string }) =>
    `${name}: ${code} is your code to see your API key. Don't share it with anyone.`,
  /** Used if the page's host is so long that `code` would leave too little room for the name. */
  shortCode: ({ name, code }: { name: string; code: string }) => `${name} code: ${code}. Don't share it.`,
  /** Used if the organisation's name has no letters or digits in GSM-7. */
  fallbackName: 'API access',
};

type RevealEmailValues = {
  organisation: string;
  username: string;
  expiresAt: Date;
  codeMinutes: number;
  oldKey: OldKeyValues | null;
};

const revealEmail = (values: RevealEmailValues): EmailText & LinkText => {
  const { organisation, username, expiresAt, codeMinutes, oldKey } = values;
  return {
    subject: `Your API key from ${organisation}`,
    preview: 'Open the link, then enter the code we texted you.',
    heading: SEE_KEY,
    paragraphs: [
      richText`${organisation} has given you access to its API. Your username is ${strong(username)}.`,
      [
        'We’ve texted you a 6-digit code. Open the link, enter the code and you’ll see your API key. It’s shown only once, so have your password manager ready.',
      ],
      ...(oldKey ? [describeOldKey(oldKey)] : []),
    ],
    button: SEE_KEY,
    copyHint: COPY_HINT,
    afterLink: [
      richText`The link expires on ${strong(formatDateTime(expiresAt))}. Codes last ${formatDuration(codeMinutes, 'minute')}; you can request another on the page. If the link has expired, ask ${organisation} to reset your key.`,
    ],
    warnings: [
      {
        title: 'Keep it to yourself.',
        text: `No one will ever ask you for your key or code, not even ${organisation}. Don’t forward this email.`,
      },
      {
        title: 'Not expecting this?',
        text: `You can ignore it: the link shows no key without the code. Please let ${organisation} know.`,
      },
    ],
  };
};

type ChangeNoticeValues = ChangedFields & {
  organisation: string;
  username: string;
  changedAt: Date;
  linkExpiresAt: Date;
};

function describeChange({ organisation, changedAt, ...values }: ChangeNoticeValues) {
  const username = strong(values.username);
  const at = strong(formatDateTime(changedAt));
  if (values.isEmailChanged && values.isPhoneChanged)
    return richText`The email address and phone number on your ${organisation} API account (${username}) were changed on ${at}.`;
  return values.isEmailChanged
    ? richText`The email address on your ${organisation} API account (${username}) was changed on ${at}.`
    : richText`The phone number on your ${organisation} API account (${username}) was changed on ${at}.`;
}

const changeNoticeEmail = (values: ChangeNoticeValues): EmailText & LinkText => {
  const { organisation, linkExpiresAt } = values;
  const nothingToDo = 'If you expected this, you don’t need to do anything.';
  return {
    subject: `Your API account at ${organisation} was changed`,
    preview: nothingToDo,
    heading: 'Your contact details were changed',
    paragraphs: [
      describeChange(values),
      [nothingToDo],
      [
        `If you didn’t ask for this, open the page below and select “${REPORT_CHANGE}”. The administrators at ${organisation} will look into it.`,
      ],
    ],
    button: REPORT_CHANGE,
    copyHint: COPY_HINT,
    afterLink: [
      richText`The link expires on ${strong(formatDateTime(linkExpiresAt))}. Opening it doesn’t change anything.`,
    ],
    warnings: [
      {
        title: 'Why you’re getting this.',
        text: 'We send it to the email address that the account had before the change. That address may now belong to someone else, so we don’t show the new details.',
      },
      {
        title: 'Your API key hasn’t changed.',
        text: `No one will ever ask you for it, not even ${organisation}.`,
      },
    ],
  };
};

type ExpiryReminderValues = { organisation: string; username: string; expiresAt: Date; timeZone: string };

/** The dates are absolute, because the reminder may be sent later than it is due. */
const expiryReminderEmail = (values: ExpiryReminderValues): EmailText => {
  const { organisation, username, expiresAt, timeZone } = values;
  const { date, dateTime } = formatInTimeZone(expiresAt, timeZone);
  return {
    subject: `Your access to the ${organisation} API ends on ${date}`,
    preview: `If you still need it, ask ${organisation} to extend it.`,
    heading: `Your API access ends on ${date}`,
    paragraphs: [
      richText`The API account ${strong(username)} at ${organisation} expires on ${strong(dateTime)}. From then on, requests with its API key are refused.`,
      [
        `If you still need access, ask ${organisation} to extend it. Your key stays the same, so you don’t have to change anything.`,
      ],
      ['If you no longer use the API, you don’t need to do anything.'],
    ],
    afterLink: [],
    warnings: [
      {
        title: 'No one needs your key for this.',
        text: `No one will ever ask you for your key or a code, not even ${organisation}.`,
      },
    ],
  };
};

/** `url`: where GitHub found the key; null if something else reported it. */
type LeakNoticeValues = {
  organisation: string;
  username: string;
  leakedAt: Date;
  url: string | null;
  isOldKey: boolean;
  hasNewKey: boolean;
};

/** Describes how to get a key that works. */
const describeKeyAfterLeak = ({ organisation, isOldKey, hasNewKey }: LeakNoticeValues) => {
  if (!isOldKey)
    return `The administrators at ${organisation} know about it. They can send you a new key: you’ll get a link by email and a code by text message.`;
  return hasNewKey
    ? 'It was your old key. The new one still works: put it into all programs that use the API.'
    : `It was your old key. To see the new one, open the link that we’ve already emailed you. If that has expired, ask ${organisation} to reset your key.`;
};

const leakNoticeEmail = (values: LeakNoticeValues): EmailText => {
  const { organisation, username, leakedAt, url } = values;
  return {
    subject: `Your API key from ${organisation} leaked and no longer works`,
    preview: 'Requests with it are refused.',
    heading: 'Your API key leaked',
    paragraphs: [
      richText`A key of your API account ${strong(username)} at ${organisation} was reported as leaked on ${strong(formatDateTime(leakedAt))}. Anyone who saw it could use it, so it stopped working immediately.`,
      [describeKeyAfterLeak(values)],
      url === null
        ? ['Find out where it was published. Remove it there, and from all earlier versions.']
        : richText`GitHub found it here: ${strong(url)}. Remove it there, and from the history of the repository.`,
    ],
    afterLink: [],
    warnings: [
      {
        title: 'No one needs your key for this.',
        text: `No one will ever ask you for your key or a code, not even ${organisation}.`,
      },
    ],
  };
};

/** Everything that the integrator reads, in English. Pages import the parts that they show. Each function takes one object with the values of its sentence. */
export const en = {
  /** BCP 47. */
  language: 'en-GB',
  sms,
  revealEmail,
  changeNoticeEmail,
  expiryReminderEmail,
  leakNoticeEmail,
  links,
  copyButton,
  codePage,
  codeErrors,
  keyPage,
  changeReportPage,
  leakedPage,
};

/** What a catalogue in another language must have. */
export type IntegratorMessages = typeof en;
