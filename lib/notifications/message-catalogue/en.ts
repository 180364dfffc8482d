import {
  COPY_HINT,
  type EmailText,
  formatDateTime,
  formatInTimeZone,
  type LinkText,
  richText,
  strong,
} from '#lib/notifications/email/format.ts';
import { describeRateLimit, formatDuration } from '#lib/platform/rate-limiter/format.ts';

const SEE_KEY = 'See your API key';
const REPORT_CHANGE = 'This was not us';

const formatAttempts = (count: number) => `${count} ${count === 1 ? 'try' : 'tries'}`;
const formatMoreCodes = (count: number) => `${count} more ${count === 1 ? 'code' : 'codes'}`;

type NotSentValues = Pick<NextStep, 'organisation' | 'blockedUntil'> & { isLastCodeUsable: boolean };

/** Describes how to get a new code, when that is possible again, or how to get a new link. */
const describeNextStep = ({ newCodesLeft, organisation, isBlocked, blockedUntil }: NextStep) => {
  if (newCodesLeft <= 0)
    return `You’ve used all the codes for this link. Ask ${organisation} to reset your key.`;
  if (!isBlocked) return 'Request a new one below.';
  return blockedUntil
    ? `We can text you a new one from ${blockedUntil}. If you can’t wait, contact ${organisation}.`
    : `We can’t text you a new one. Contact ${organisation}.`;
};

type ChangedFields = { isEmailChanged: boolean; isPhoneChanged: boolean };
/** `isBlocked`: no new code can be sent now. `blockedUntil`: when that ends, formatted; null if waiting is no use. */
type NextStep = {
  newCodesLeft: number;
  organisation: string;
  isBlocked: boolean;
  blockedUntil: string | null;
};

const sms = {
  code: ({ name, code }: { name: string; code: string }) =>
    `${name}: ${code} is your code to see your API key. Don't share it with anyone.`,
  /** Used if the page's host is so long that `code` would leave too little room for the name. */
  shortCode: ({ name, code }: { name: string; code: string }) => `${name} code: ${code}. Don't share it.`,
  /** Used if the organisation's name has no letters or digits in GSM-7. */
  fallbackName: 'API access',
};

/** `endsOn`: what ends the old key earlier; null if only its time does. `until`: the latest time, formatted. */
type OldKeyValues = { endsOn: 'collection' | 'first_use' | null; until: string };

/** Describes until when the key before works, to an integrator who does not have the new one yet. */
const describeOldKey = ({ endsOn, until }: OldKeyValues) => {
  switch (endsOn) {
    case 'collection':
      return richText`Your current key works until you see the new one, and until ${strong(until)} at the latest. Be ready to replace it before you enter the code.`;
    case 'first_use':
      return richText`Your current key works until you first use the new one, and until ${strong(until)} at the latest.`;
    case null:
      return richText`Your current key works until ${strong(until)}. Replace it by then.`;
  }
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

/** Texts that all pages behind a link share. */
const links = {
  loading: 'Opening your link…',
  needsJavaScript: 'This page needs JavaScript. Turn it on and reload the page.',
  tryAgain: 'Try again',
  sending: 'Sending…',
  invalid: 'This link doesn’t work',
  incomplete: 'This link is incomplete',
  incompleteAdvice: 'Copy all of it from the email, and open it again.',
  /** The server was updated after the page had been loaded. */
  updated: 'Stagedoor was updated. Reload this page.',
  serverError: 'Something went wrong on our side. Try again in a minute.',
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
  introduction: ({
    organisation,
    code,
  }: {
    organisation: string;
    code: 'texted' | 'by_phone' | 'not_sent';
  }) => {
    const access = `${organisation} has given you access to its API.`;
    if (code === 'by_phone') return `${access} Enter the code you’re told on the phone to see your key.`;
    return code === 'texted' ? `${access} Enter the code we texted you to see your key.` : access;
  },
  codeSent: ({ phoneEnd }: { phoneEnd: string }) =>
    richText`We texted a code to the number ending ${strong(phoneEnd)}.`,
  codeByPhone: ({ organisation, phoneEnd }: { organisation: string; phoneEnd: string }) =>
    richText`Your code comes by phone: ${organisation} calls the number ending ${strong(phoneEnd)} and reads it out.`,
  codeNotSent: 'Your code couldn’t be sent',
  codeNotSentAdvice: ({ organisation, newCodesLeft, isBlocked, blockedUntil }: NextStep) => {
    if (newCodesLeft <= 0) return `Ask ${organisation} to reset your key.`;
    if (!isBlocked) return `Request another below, or contact ${organisation}.`;
    return blockedUntil
      ? `You can request a code from ${blockedUntil}. If you can’t wait, contact ${organisation}.`
      : `Contact ${organisation}.`;
  },
  oldKey: describeOldKey,
  code: 'Authentication code',
  codeHint: 'The 6 digits from the text. Enter them only here; never tell them to anyone.',
  codeByPhoneHint:
    'The 6 digits from the call. Enter them only here. The caller never asks you for a code or a key.',
  showKey: 'Show API key',
  checking: 'Checking…',
  noResponseYet: 'No response yet. Reload this page within 2 minutes: you won’t lose the key.',
  expiresIn: ({ time }: { time: string }) => `Expires in ${time}`,
  attemptsLeft: ({ attemptsLeft }: { attemptsLeft: number }) => `${formatAttempts(attemptsLeft)} left`,
  /** For screen readers. */
  codeStatus: ({ minutes, attemptsLeft }: { minutes: number; attemptsLeft: number }) =>
    `The code expires in ${formatDuration(minutes, 'minute')}. ${formatAttempts(attemptsLeft)} left.`,
  codeExpired: 'The code has expired.',
  codeCancelled: 'The code no longer works.',
  notReceived: 'Didn’t get it?',
  notCalled: 'No call?',
  /** Offered if the code comes by phone. */
  textInstead: 'We can text you a code instead. The one from the call then stops working.',
  textInsteadIn: ({ seconds }: { seconds: number }) =>
    `We can text you a code instead in ${formatDuration(seconds, 'second')}.`,
  newCodeIn: ({ seconds }: { seconds: number }) =>
    `You can request another in ${formatDuration(seconds, 'second')}.`,
  newCodesLeft: ({ newCodesLeft }: { newCodesLeft: number }) =>
    `You can request ${formatMoreCodes(newCodesLeft)}.`,
  noNewCodes: ({ organisation }: { organisation: string }) =>
    `We can’t send any more codes for this link. If the last one doesn’t work, ask ${organisation} to reset your key.`,
  newCodesBlocked: ({ organisation, blockedUntil }: Pick<NextStep, 'organisation' | 'blockedUntil'>) =>
    blockedUntil
      ? `You can request another from ${blockedUntil}.`
      : `We can’t text you another. Contact ${organisation}.`,
  requestNewCode: 'Text me a new code',
  newCodeSent: ({ phoneEnd }: { phoneEnd: string }) =>
    `We’re texting a new code to the number ending ${phoneEnd}. Earlier codes no longer work.`,
};

/** Why no key was shown or no code sent, and what to do next. */
const codeErrors = {
  malformed: ({ isCodeByPhone }: { isCodeByPhone: boolean }) =>
    isCodeByPhone ? 'Enter the 6 digits from the call.' : 'Enter the 6 digits from the text message.',
  wrong: ({ attemptsLeft, ...nextStep }: NextStep & { attemptsLeft: number }) =>
    attemptsLeft > 0
      ? `That code isn’t right. ${formatAttempts(attemptsLeft)} left.`
      : `That code isn’t right and has been cancelled. ${describeNextStep(nextStep)}`,
  /** The code is right, but of an earlier text. */
  replaced: ({ time }: { time: string }) => `A newer code was sent at ${time}. Use that one.`,
  /** The code is right, but an administrator reads out a newer one. */
  replacedByPhone: ({ organisation }: { organisation: string }) =>
    `Your code now comes by phone. Use the one that ${organisation} reads out.`,
  noResponse:
    'We couldn’t reach the server. Check your connection, and try again within 2 minutes: you won’t lose the key.',
  /** The key may have been generated before the server failed. */
  serverError: 'Something went wrong on our side. Try again within 2 minutes: you won’t lose the key.',
  expired: (nextStep: NextStep) => `This code has expired. ${describeNextStep(nextStep)}`,
  tooManyAttempts: (nextStep: NextStep) =>
    `This code was cancelled after too many tries. ${describeNextStep(nextStep)}`,
  tooSoon: 'We sent a code moments ago. Give it a little longer to arrive.',
  noCodesLeft: ({ organisation }: { organisation: string }) =>
    describeNextStep({ newCodesLeft: 0, organisation, isBlocked: false, blockedUntil: null }),
  /** The SMS policy blocked the SMS; the integrator is not shown why. */
  notSent: ({ organisation, blockedUntil, isLastCodeUsable }: NotSentValues) => {
    const nextStep = blockedUntil
      ? `You can request another from ${blockedUntil}, or contact ${organisation}.`
      : `To get another, contact ${organisation}.`;
    return isLastCodeUsable
      ? `We can’t text you right now, but your last code still works. ${nextStep}`
      : `We can’t text you right now. ${nextStep}`;
  },
};

/** Describes what the verifier's response means. @param status of HTTP */
function describeKeyTest({ organisation, status }: { organisation: string; status: number }): string {
  switch (status) {
    case 200:
      return 'Your key works.';
    case 401:
      return `Your key no longer works. If you didn’t expect that, contact ${organisation}.`;
    case 403:
      return `Your key is right, but it isn’t allowed at the moment. Contact ${organisation}.`;
    case 429:
      return 'Too many requests. Your key is fine: try again in a minute.';
    default:
      return 'Your key can’t be checked at the moment. Try again in a minute.';
  }
}

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
  /** The steps of the page. */
  save: 'Save',
  tryIt: 'Try it',
  done: 'Done',
  copyBoth: 'Copy both',
  /** Followed by the text that is copied. */
  bothCopied: ({ username, key }: { username: string; key: string }) =>
    `Username: ${username}\nAPI key: ${key}\n`,
  download: 'Download .env',
  saveInPasswordManager: 'Save in password manager',
  passwordManagerAsked: 'If your browser or password manager offers to save them, accept.',
  passwordManagerFailed: 'Your browser couldn’t offer to save them. Copy or download them instead.',
  usage: 'Use HTTP Basic authentication on every request: the username, and the key as the password.',
  baseUrl: ({ baseUrl }: { baseUrl: string }) => richText`The API is at ${strong(baseUrl)}.`,
  noBaseUrl: ({ organisation, baseUrl }: { organisation: string; baseUrl: string }) =>
    `In the examples, replace ${baseUrl} with the address of the API, which you get from ${organisation}.`,
  readDocs: 'Read the API documentation',
  keyVariable: ({ variable }: { variable: string }) =>
    `The examples read the key from the environment variable ${variable}, so that it isn’t in your code. The .env file sets it.`,
  /** The old key still works after the new one was shown. */
  oldKey: ({ endsOn, until }: OldKeyValues) =>
    endsOn === null
      ? richText`Your old key works until ${strong(until)}. Replace it in all your programs by then.`
      : richText`Your old key works until your first request with this one, and until ${strong(until)} at the latest. Replace it in all your programs together. “Test this key” doesn’t end it.`,
  /** Label of the choice between programming languages. */
  language: 'Programming language',
  copyExample: ({ language }: { language: string }) => `Copy the ${language} example`,
  testKey: 'Test this key',
  testing: 'Testing…',
  testExplanation: 'Sends your key to the service that checks every request, and counts as one request.',
  testOutcome: describeKeyTest,
  response: 'Response',
  testUnavailable: ({ organisation }: { organisation: string }) =>
    `We couldn’t reach the service that checks keys. That says nothing about your key: try again in a minute, or contact ${organisation}.`,
  testsLimited: ({ seconds }: { seconds: number }) =>
    `You’ve tested this key many times. Try again in ${formatDuration(Math.ceil(seconds / 60), 'minute')}.`,
  testOutdated: 'This page can’t test the key any more. Send a request to the API instead.',
  waiting: 'Waiting for your first request…',
  waitingEnded: ({ organisation }: { organisation: string }) =>
    `This page no longer waits for your first request: it’s a day old, or your key was replaced. If your key doesn’t work, contact ${organisation}.`,
  waitingAdvice: 'Send one with an example above. You can leave this page open meanwhile.',
  /** For screen readers. */
  received: 'First request received.',
  receivedAgo: ({ seconds }: { seconds: number }) =>
    seconds < 60
      ? `First request received ${formatDuration(seconds, 'second')} ago`
      : `First request received ${formatDuration(Math.floor(seconds / 60), 'minute')} ago`,
  contact: ({ organisation, name }: { organisation: string; name: string }) =>
    richText`Questions? Ask ${strong(name)} at ${organisation}.`,
  contactAt: ({ organisation, name }: { organisation: string; name: string }) =>
    richText`Questions? Ask ${strong(name)} at ${organisation}:`,
  noContact: ({ organisation }: { organisation: string }) => `Questions? Ask ${organisation}.`,
  /** Browsers that ask themselves show their own text. */
  leaveQuestion: 'You haven’t saved your API key. Leave without it?',
  hidingSoon: 'We’ll hide the key in less than a minute',
  keepShowingAdvice: 'Type, tap or move the pointer to keep it on the page.',
  keepShowing: 'Keep it on the page',
  hidesAfter: ({ minutes }: { minutes: number }) =>
    `We’ll hide the key after ${formatDuration(minutes, 'minute')} of inactivity.`,
  hide: 'I’ve saved them',
  hidden: 'The API key is hidden',
  hiddenByIntegrator: 'The key is hidden and can’t be shown again.',
  hiddenWhenIdle: ({ minutes }: { minutes: number }) =>
    `We hid the key after ${formatDuration(minutes, 'minute')} of inactivity. It can’t be shown again.`,
  hiddenAdvice: ({ organisation }: { organisation: string }) =>
    `Saved it? You’re done: close this page. If not, ask ${organisation} to reset your key and you’ll get a new link and code.`,
  used: 'This link has been used',
  usedAt: 'It showed the API key on:',
  usedByYou: ({ organisation }: { organisation: string }) =>
    `It shows the key only once. If that was you and you didn’t save the key, ask ${organisation} to reset it.`,
  usedByOthers: ({ organisation }: { organisation: string }) =>
    `Not you? Tell ${organisation} immediately and ask for a reset: the person who used the link can use your key until then.`,
  maybeNotShown: 'You may not have seen your key yet',
  maybeNotShownAdvice:
    'This link has been used. If that was in this browser in the last 2 minutes, and you didn’t get your key, you can still see it.',
  showAgain: 'Show API key',
  invalidLinkReasons: ({ hours }: { hours: number }) =>
    `It may have been replaced, or it may have expired. Links last ${formatDuration(hours, 'hour')}.`,
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
    `It may have expired. Links last ${formatDuration(days, 'day')}.`,
  invalidLinkAdvice: ({ organisation }: { organisation: string }) =>
    `Open the link in the email again. If it still doesn’t work and you didn’t ask for the change, tell ${organisation}.`,
};

/** The page on which anyone can report a leaked key. */
const leakedPage = {
  title: 'Report a leaked key',
  introduction: ({ organisation }: { organisation: string }) =>
    `Did you find an API key of ${organisation} where others can see it, such as in source code, a log or a chat? Enter it here. If it still works, it stops working immediately, and ${organisation} is told.`,
  key: 'API key',
  keyHint: ({ tag, length }: { tag: string; length: number }) =>
    `The key, or text that contains it. Keys start with ${tag} and have ${length} characters.`,
  url: 'Where did you find it? (optional)',
  urlHint: 'A web address. We don’t store what follows ? or #.',
  report: 'Report leaked key',
  noKey: ({ tag, length }: { tag: string; length: number }) =>
    `This contains no complete key. Keys start with ${tag} and have ${length} characters: copy all of them.`,
  ownKey: ({ organisation }: { organisation: string }) =>
    `Is it your own key? You can report it, too: ${organisation} can then send you a new one.`,
  reported: 'Thank you',
  outcome: 'If this key was live, it no longer works.',
  afterReport: ({ organisation }: { organisation: string }) =>
    `The administrators at ${organisation} and the owner of the key have then been told. For security, we don’t say whether it was live.`,
  reportAnother: 'Report another key',
  /** The report may have arrived. */
  maybeReported: 'The key may have been reported. You can safely report it again.',
};

/** Everything that the integrator reads, in English. Each function takes one object with the values of its sentence. */
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
