import { richText, strong } from '#lib/notifications/email/format.ts';
import { formatDuration } from '#lib/platform/rate-limiter/format.ts';

export const SEE_KEY = 'See your API key';

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

/** `isBlocked`: no new code can be sent now. `blockedUntil`: when that ends, formatted; null if waiting is no use. */
type NextStep = {
  newCodesLeft: number;
  organisation: string;
  isBlocked: boolean;
  blockedUntil: string | null;
};

/** `endsOn`: what ends the old key earlier; null if only its time does. `until`: the latest time, formatted. */
export type OldKeyValues = { endsOn: 'collection' | 'first_use' | null; until: string };

/** Describes until when the key before works, to an integrator who does not have the new one yet. */
export const describeOldKey = ({ endsOn, until }: OldKeyValues) => {
  switch (endsOn) {
    case 'collection':
      return richText`Your current key works until you see the new one, and until ${strong(until)} at the latest. Be ready to replace it before you enter the code.`;
    case 'first_use':
      return richText`Your current key works until you first use the new one, and until ${strong(until)} at the latest.`;
    case null:
      return richText`Your current key works until ${strong(until)}. Replace it by then.`;
  }
};

/** The page on which the integrator enters the code. */
export const codePage = {
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
export const codeErrors = {
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
export const keyPage = {
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
