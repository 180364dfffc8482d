import {
  COPY_HINT,
  type EmailText,
  formatDateTime,
  type LinkText,
  richText,
  strong,
} from '#lib/notifications/email/format.ts';
import { describeRateLimit, formatDuration } from '#lib/platform/rate-limiter/format.ts';

const SEE_KEY = 'See your API key';
const REPORT_CHANGE = 'This was not us';

const formatAttempts = (count: number) => `${count} ${count === 1 ? 'try' : 'tries'}`;
const formatMoreCodes = (count: number) => `${count} more ${count === 1 ? 'code' : 'codes'}`;

/** Describes how to get a new code, or a new link if this one has no codes left. */
const describeNextStep = ({ newCodesLeft, organisation }: { newCodesLeft: number; organisation: string }) =>
  newCodesLeft > 0
    ? 'Request a new one below.'
    : `You’ve used all the codes for this link. Ask ${organisation} to reset your key.`;

type ChangedFields = { isEmailChanged: boolean; isPhoneChanged: boolean };
type NextStep = { newCodesLeft: number; organisation: string };

const sms = {
  code: ({ name, code }: { name: string; code: string }) =>
    `${name}: ${code} is your code to see your API key. Don't share it with anyone.`,
  /** Used if the page's host is so long that `code` would leave too little room for the name. */
  shortCode: ({ name, code }: { name: string; code: string }) => `${name} code: ${code}. Don't share it.`,
  /** Used if the organisation's name has no letters or digits in GSM-7. */
  fallbackName: 'API access',
};

type RevealEmailValues = { organisation: string; username: string; expiresAt: Date; codeMinutes: number };

const revealEmail = (values: RevealEmailValues): EmailText & LinkText => {
  const { organisation, username, expiresAt, codeMinutes } = values;
  return {
    subject: `Your API key from ${organisation}`,
    preview: 'Open the link, then enter the code we texted you.',
    heading: SEE_KEY,
    paragraphs: [
      richText`${organisation} has given you access to its API. Your username is ${strong(username)}.`,
      [
        'We’ve texted you a 6-digit code. Open the link, enter the code and you’ll see your API key. It’s shown only once, so have your password manager ready.',
      ],
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

/** Texts that all pages behind a link share. */
const links = {
  loading: 'Opening your link…',
  needsJavaScript: 'This page needs JavaScript. Turn it on and reload the page.',
  tryAgain: 'Try again',
  sending: 'Sending…',
  invalid: 'This link doesn’t work',
  noResponse: 'We couldn’t reach the server. Check your connection and try again.',
  rateLimited: ({ seconds }: { seconds: number }) => describeRateLimit(seconds),
};

const copyButton = {
  copy: 'Copy',
  copied: 'Copied',
  failed: 'Your browser blocked copying. Select the text and copy it yourself.',
};

/** The page on which the integrator enters the code. */
const codePage = {
  title: SEE_KEY,
  introduction: ({ organisation, isCodeSent }: { organisation: string; isCodeSent: boolean }) =>
    isCodeSent
      ? `${organisation} has given you access to its API. Enter the code we texted you to see your key.`
      : `${organisation} has given you access to its API.`,
  codeSent: ({ phoneEnd }: { phoneEnd: string }) =>
    richText`We texted a code to the number ending ${strong(phoneEnd)}.`,
  codeNotSent: 'Your code couldn’t be sent',
  codeNotSentAdvice: ({ organisation, newCodesLeft }: NextStep) =>
    newCodesLeft > 0
      ? `Request another below, or contact ${organisation}.`
      : `Ask ${organisation} to reset your key.`,
  code: 'Authentication code',
  codeHint: 'The 6 digits from the text. Enter them only here; never tell them to anyone.',
  showKey: 'Show API key',
  checking: 'Checking…',
  expiresIn: ({ time }: { time: string }) => `Expires in ${time}`,
  attemptsLeft: ({ attemptsLeft }: { attemptsLeft: number }) => `${formatAttempts(attemptsLeft)} left`,
  /** For screen readers. */
  codeStatus: ({ minutes, attemptsLeft }: { minutes: number; attemptsLeft: number }) =>
    `The code expires in ${formatDuration(minutes, 'minute')}. ${formatAttempts(attemptsLeft)} left.`,
  codeExpired: 'The code has expired.',
  codeCancelled: 'The code no longer works.',
  notReceived: 'Didn’t get it?',
  newCodeIn: ({ seconds }: { seconds: number }) =>
    `You can request another in ${formatDuration(seconds, 'second')}.`,
  newCodesLeft: ({ newCodesLeft }: { newCodesLeft: number }) =>
    `You can request ${formatMoreCodes(newCodesLeft)}.`,
  noNewCodes: ({ organisation }: { organisation: string }) =>
    `We can’t send any more codes for this link. If the last one doesn’t work, ask ${organisation} to reset your key.`,
  requestNewCode: 'Text me a new code',
  newCodeSent: ({ phoneEnd }: { phoneEnd: string }) =>
    `We’re texting a new code to the number ending ${phoneEnd}. Earlier codes no longer work.`,
};

/** Why no key was shown or no code sent, and what to do next. */
const codeErrors = {
  malformed: 'Enter the 6 digits from the text message.',
  wrong: ({ attemptsLeft, ...nextStep }: NextStep & { attemptsLeft: number }) =>
    attemptsLeft > 0
      ? `That code isn’t right. ${formatAttempts(attemptsLeft)} left.`
      : `That code isn’t right and has been cancelled. ${describeNextStep(nextStep)}`,
  expired: (nextStep: NextStep) => `This code has expired. ${describeNextStep(nextStep)}`,
  tooManyAttempts: (nextStep: NextStep) =>
    `This code was cancelled after too many tries. ${describeNextStep(nextStep)}`,
  tooSoon: 'We sent a code moments ago. Give it a little longer to arrive.',
  noCodesLeft: ({ organisation }: { organisation: string }) =>
    describeNextStep({ newCodesLeft: 0, organisation }),
  /** The SMS policy blocked the SMS; the integrator is not shown why. */
  notSent: ({ organisation, isLastCodeUsable }: { organisation: string; isLastCodeUsable: boolean }) =>
    isLastCodeUsable
      ? `We can’t text you right now, but your last code still works. If you don’t have it, try again tomorrow, or ask ${organisation}.`
      : `We can’t text you right now. Try again tomorrow, or ask ${organisation}.`,
};

/** The page that shows the key, and the screens that replace it. */
const keyPage = {
  title: 'Your API key',
  saveNow: 'Save these now. You won’t see them again.',
  saveAdvice: ({ organisation }: { organisation: string }) =>
    `Store them in your password manager or secrets vault. If you lose the key or it leaks, ask ${organisation} to reset it.`,
  username: 'Username',
  copyUsername: 'Copy username',
  key: 'API Key',
  copyKey: 'Copy API key',
  usage: 'Use HTTP Basic authentication on every request: the username, and the key as the password.',
  hidesAfter: ({ minutes }: { minutes: number }) =>
    `We’ll hide the key after ${formatDuration(minutes, 'minute')} of inactivity.`,
  hide: 'I’ve saved them',
  hidden: 'The API key is hidden',
  hiddenByIntegrator: 'The key is hidden and can’t be shown again.',
  hiddenWhenIdle: ({ minutes }: { minutes: number }) =>
    `We hid the key after ${formatDuration(minutes, 'minute')} of inactivity. It can’t be shown again.`,
  hiddenAdvice: ({ organisation }: { organisation: string }) =>
    `Saved it? You’re done: close this page. If not, ask ${organisation} to reset your key and you’ll get a new link and code.`,
  shownElsewhere: 'Your key was shown in another window',
  shownOnce: 'This link has been used. It shows the key only once.',
  shownElsewhereAdvice: ({ organisation }: { organisation: string }) =>
    `If that was you, go to that window. If it wasn’t, tell ${organisation} immediately and ask for a reset: the person who opened it can use your key until then.`,
  invalidLinkReasons: ({ hours }: { hours: number }) =>
    `It may have been used or replaced, or it may have expired. Links last ${formatDuration(hours, 'hour')}.`,
  invalidLinkAdvice: ({ organisation }: { organisation: string }) =>
    `Look for a newer email from ${organisation}. If there isn’t one, ask ${organisation} to reset your key. You’ll get a new link and code.`,
};

/** The page on which a recipient of the change notice reports an unauthorised change. */
const changeReportPage = {
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
    `It may have expired or be incomplete. Links last ${formatDuration(days, 'day')}.`,
  invalidLinkAdvice: ({ organisation }: { organisation: string }) =>
    `Open the link in the email again, or copy the whole address. If it still doesn’t work and you didn’t ask for the change, tell ${organisation}.`,
};

/** Everything that the integrator reads, in English. Each function takes one object with the values of its sentence. */
export const en = {
  /** BCP 47. */
  language: 'en-GB',
  sms,
  revealEmail,
  changeNoticeEmail,
  links,
  copyButton,
  codePage,
  codeErrors,
  keyPage,
  changeReportPage,
};

/** What a catalogue in another language must have. */
export type IntegratorMessages = typeof en;
