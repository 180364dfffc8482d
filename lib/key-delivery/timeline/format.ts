import type { AuditFact, MessageFact, OpeningFact, ReportFact, RevealFact } from './facts.ts';
import type { KeyDeliveryState, Tone } from './schema.ts';

/** Text of an entry, written for administrators who are not developers. */
export type EntryText = { tone: Tone; text: string; details?: string | null };

const PROVIDER_NAMES = {
  resend: 'Resend',
  smtp: 'the mail server',
  sns: 'Amazon SNS',
  twilio: 'Twilio',
} as const;
const EMAIL_ADVICE = 'Check the email address; if it is right, send the email again.';
const SMS_ADVICE = 'Check the phone number; if it is right, send the text again.';

const messageNoun = ({ channel }: Pick<MessageFact, 'channel'>) => (channel === 'email' ? 'Email' : 'Text');
const joinSentences = (...parts: (string | null | undefined | false)[]) =>
  parts.filter(Boolean).join(' ') || null;
const formatTime = (at: Date) => `${at.toISOString().slice(11, 19)} UTC`;

/** Describes why a key delivery started. */
export function describeStart(start: AuditFact | undefined): EntryText {
  const by = start?.by ?? 'somebody';
  const because = {
    'api_account.created': `${by} created the account`,
    'api_key.reset': `${by} reset the API key`,
    'api_account.edited': `${by} corrected the address or the number`,
  };
  const text = start?.because
    ? `Started: ${because[start.because]}`
    : start?.by
      ? `Started by ${by}`
      : 'Started';
  return { tone: 'plain', text };
}

/** Describes a queued message and, while it is still queued, its delivery attempts so far. */
export function describeQueued(message: MessageFact, readAt: Date): EntryText {
  const what = messageNoun(message);
  if (message.state !== 'queued') return { tone: 'plain', text: `${what} queued` };
  const { attempts, failure, nextAttemptAt } = message;
  if (failure) {
    const tries = attempts > 0 && `Tried ${attempts === 1 ? 'once' : `${attempts} times`}.`;
    const next = nextAttemptAt && nextAttemptAt > readAt && `Next try at ${formatTime(nextAttemptAt)}.`;
    const details = joinSentences(failure, tries, next);
    return { tone: 'problem', text: `${what} queued, and being tried again`, details };
  }
  const isStuck = readAt.getTime() - message.createdAt.getTime() > MAX_QUEUE_TIME_MS;
  if (!isStuck || attempts > 0) return { tone: 'plain', text: `${what} queued` };
  const details = 'Is the program that sends messages (the worker) running?';
  return { tone: 'problem', text: `${what} queued, and not taken up yet`, details };
}

/** A running worker starts on a message within two seconds. */
const MAX_QUEUE_TIME_MS = 30_000;

function describeAccepted(message: MessageFact, isReported: boolean): EntryText {
  const { channel, provider, attempts, unanswered } = message;
  const what = messageNoun(message);
  if (provider === 'outbox') {
    const details = 'Open the page /outbox to read it.';
    return { tone: 'plain', text: `${what} written to the outbox`, details };
  }
  const by = provider ? PROVIDER_NAMES[provider] : 'the provider';
  const late = attempts > 1 ? `, at try ${attempts}` : '';
  const unknown =
    channel === 'email'
      ? 'Whether it reached the mailbox is not known.'
      : 'Whether it reached the phone is not known.';
  const twice = unanswered > 0 && 'An earlier try got no answer, so it may arrive twice.';
  return {
    tone: 'plain',
    text: `${what} accepted by ${by}${late}`,
    details: joinSentences(!isReported && unknown, twice),
  };
}

/** Describes the final state of a message, without the provider's reports; returns null while it is queued. */
export function describeEnd(message: MessageFact, isReported: boolean): EntryText | null {
  const what = messageNoun(message);
  switch (message.state) {
    case 'queued':
      return null;
    case 'sent':
      return describeAccepted(message, isReported);
    case 'failed':
      return {
        tone: 'problem',
        text: `${what} ${message.unanswered > 0 ? 'may not have arrived' : 'could not be sent'}`,
        details: message.failure,
      };
    case 'refused':
      return {
        tone: 'problem',
        text: `${what} not sent: our own rules refused it`,
        details: message.failure,
      };
    case 'dropped':
      return { tone: 'plain', text: `${what} not sent: it was no longer needed` };
  }
}

/** Describes a provider's report about a message that it accepted. */
export function describeDeliveryReport(message: MessageFact, { kind, reason }: ReportFact): EntryText {
  const what = messageNoun(message);
  const isEmail = message.channel === 'email';
  const advice = isEmail ? EMAIL_ADVICE : SMS_ADVICE;
  switch (kind) {
    case 'delivered':
      // SNS only reports that a carrier accepted the SMS. Such reports have a reason.
      if (!isEmail && reason)
        return { tone: 'plain', text: 'Text accepted by the phone’s carrier', details: reason };
      return {
        tone: 'success',
        text: isEmail ? 'Email delivered to the mailbox' : 'Text delivered to the phone',
      };
    case 'delayed': {
      const text = `${what} delayed`;
      return { tone: 'plain', text, details: joinSentences(reason, 'The provider keeps trying.') };
    }
    case 'bounced':
      return { tone: 'problem', text: `${what} came back`, details: joinSentences(reason, advice) };
    case 'complained': {
      const details = joinSentences(
        reason,
        'Ask the company to look for it there; further emails may be held back.',
      );
      return { tone: 'problem', text: `${what} marked as spam by its reader`, details };
    }
    case 'failed':
      return { tone: 'problem', text: `${what} not delivered`, details: joinSentences(reason, advice) };
  }
}

/** Mail scanners open a link within this time after its email. */
const SCANNER_MS = 60_000;

/** Guesses whether a mail scanner opened the link: within a minute of an email, and without any interaction. */
export function isLikelyScanner({ at, touched }: OpeningFact, messages: MessageFact[]): boolean {
  if (touched) return false;
  return messages.some(({ channel, state, endedAt }) => {
    if (channel !== 'email' || state !== 'sent' || !endedAt) return false;
    const elapsed = at.getTime() - endedAt.getTime();
    return elapsed >= 0 && elapsed <= SCANNER_MS;
  });
}

export function describeOpening(opening: OpeningFact, messages: MessageFact[]): EntryText {
  if (opening.touched) return { tone: 'plain', text: 'Link opened' };
  const details = isLikelyScanner(opening, messages)
    ? 'Probably by a mail scanner: right after the email went out, and nobody touched the page.'
    : 'Nobody has touched the page.';
  return { tone: 'plain', text: 'Link opened', details };
}

export function describeAuditEvent({ action, by, what }: AuditFact): EntryText | null {
  switch (action) {
    case 'reveal.wrong_code':
      return { tone: 'plain', text: 'Wrong code entered' };
    case 'reveal.new_code':
      return { tone: 'plain', text: 'New code asked for on the page of the link' };
    case 'reveal.sent_again': {
      const part = what === 'both' ? 'Email and text' : what === 'email' ? 'Email' : 'Text';
      return { tone: 'plain', text: `${part} sent again by ${by ?? 'somebody'}` };
    }
    case 'reveal.started':
      return null;
  }
}

/** Summarises the status of a key delivery. `problem`: its latest delivery problem. */
export function describeStatus(
  state: KeyDeliveryState,
  problem: EntryText | undefined,
): { tone: Tone; text: string } {
  switch (state) {
    case 'shown':
      return {
        tone: 'success',
        text: 'Done: the API key was shown to the company, once. If it was lost, use Reset API Key.',
      };
    case 'locked':
      return {
        tone: 'problem',
        text: 'Locked: too many wrong codes. Use Reset API Key to send a new link.',
      };
    case 'expired':
      return { tone: 'problem', text: 'The link expired unused. Use Reset API Key to send a new one.' };
    case 'replaced':
      return { tone: 'plain', text: 'A newer one took its place: this link and its codes no longer work.' };
    case 'in_progress':
      return problem
        ? { tone: 'problem', text: joinSentences(`${problem.text}.`, problem.details) ?? '' }
        : { tone: 'plain', text: 'Under way: with the link and the code, the company sees its API key.' };
  }
}

/** Text for each way in which a reveal can end. */
export const ENDS: Record<NonNullable<RevealFact['endReason']> | 'expired', EntryText> = {
  shown: { tone: 'success', text: 'API key shown' },
  locked: { tone: 'problem', text: 'Locked: too many wrong codes', details: 'The link no longer works.' },
  replaced: { tone: 'plain', text: 'Replaced by a newer link and code' },
  expired: { tone: 'problem', text: 'Link expired', details: 'It was good for 24 hours.' },
};

export const FIRST_USE = {
  minute: { tone: 'success', text: 'API key used for the first time', details: 'To the minute.' },
  day: { tone: 'success', text: 'API key used for the first time', details: 'On that day (in UTC).' },
} as const satisfies Record<string, EntryText>;
