import type { AuditFact, MessageFact, OpeningFact, ReportFact, RevealFact } from './facts.ts';
import type { KeyDeliveryState, Tone } from './schema.ts';

/** An entry's words, for somebody who has never seen an API key. */
export type Words = { tone: Tone; words: string; more?: string | null };

const NAMES = { resend: 'Resend', smtp: 'the mail server', sns: 'Amazon SNS', twilio: 'Twilio' } as const;
const EMAIL_PROBLEMS = 'Check the email address; if it is right, send the email again.';
const TEXT_PROBLEMS = 'Check the phone number; if it is right, send the text again.';

const noun = ({ channel }: Pick<MessageFact, 'channel'>) => (channel === 'email' ? 'Email' : 'Text');
const sentences = (...parts: (string | null | undefined | false)[]) =>
  parts.filter(Boolean).join(' ') || null;
const timeInWords = (at: Date) => `${at.toISOString().slice(11, 19)} UTC`;

/** Why a hand-over began. */
export function describeStart(start: AuditFact | undefined): Words {
  const by = start?.by ?? 'somebody';
  const because = {
    'api_account.created': `${by} created the account`,
    'api_key.reset': `${by} reset the API key`,
    'api_account.edited': `${by} corrected the address or the number`,
  };
  const words = start?.because
    ? `Started: ${because[start.because]}`
    : start?.by
      ? `Started by ${by}`
      : 'Started';
  return { tone: 'plain', words };
}

/** A message that was queued; and how its sending goes, while it has not ended. */
export function describeQueued(message: MessageFact, readAt: Date): Words {
  const what = noun(message);
  if (message.state !== 'queued') return { tone: 'plain', words: `${what} queued` };
  const { attempts, failure, nextAttemptAt } = message;
  if (failure) {
    const tries = attempts > 0 && `Tried ${attempts === 1 ? 'once' : `${attempts} times`}.`;
    const next = nextAttemptAt && nextAttemptAt > readAt && `Next try at ${timeInWords(nextAttemptAt)}.`;
    const more = sentences(failure, tries, next);
    return { tone: 'problem', words: `${what} queued, and being tried again`, more };
  }
  const waiting = readAt.getTime() - message.createdAt.getTime() > LONGEST_WAIT_MS;
  if (!waiting || attempts > 0) return { tone: 'plain', words: `${what} queued` };
  const more = 'Is the program that sends messages (the worker) running?';
  return { tone: 'problem', words: `${what} queued, and not taken up yet`, more };
}

/** A worker takes a message up within a second or two. */
const LONGEST_WAIT_MS = 30_000;

function acceptedWords(message: MessageFact, isReported: boolean): Words {
  const { channel, provider, attempts, unanswered } = message;
  const what = noun(message);
  if (provider === 'outbox') {
    const more = 'Open the page /outbox to read it.';
    return { tone: 'plain', words: `${what} written to the outbox`, more };
  }
  const by = provider ? NAMES[provider] : 'the provider';
  const late = attempts > 1 ? `, at try ${attempts}` : '';
  const unknown =
    channel === 'email'
      ? 'Whether it reached the mailbox is not known.'
      : 'Whether it reached the phone is not known.';
  const twice = unanswered > 0 && 'An earlier try got no answer, so it may arrive twice.';
  return {
    tone: 'plain',
    words: `${what} accepted by ${by}${late}`,
    more: sentences(!isReported && unknown, twice),
  };
}

/** What became of a message in the end, as far as we sent it ourselves; null while it is queued. */
export function describeEnd(message: MessageFact, isReported: boolean): Words | null {
  const what = noun(message);
  switch (message.state) {
    case 'queued':
      return null;
    case 'sent':
      return acceptedWords(message, isReported);
    case 'failed':
      return {
        tone: 'problem',
        words: `${what} ${message.unanswered > 0 ? 'may not have arrived' : 'could not be sent'}`,
        more: message.failure,
      };
    case 'refused':
      return { tone: 'problem', words: `${what} not sent: our own rules refused it`, more: message.failure };
    case 'dropped':
      return { tone: 'plain', words: `${what} not sent: it was no longer needed` };
  }
}

/** What the provider told of a message after accepting it. */
export function describeDeliveryReport(message: MessageFact, { kind, reason }: ReportFact): Words {
  const what = noun(message);
  const isEmail = message.channel === 'email';
  const toDo = isEmail ? EMAIL_PROBLEMS : TEXT_PROBLEMS;
  switch (kind) {
    case 'delivered':
      // SNS's log tells that a carrier took the text, and no more: then there is a reason.
      if (!isEmail && reason)
        return { tone: 'plain', words: 'Text accepted by the phone’s carrier', more: reason };
      return {
        tone: 'good',
        words: isEmail ? 'Email delivered to the mailbox' : 'Text delivered to the phone',
      };
    case 'delayed': {
      const words = `${what} delayed`;
      return { tone: 'plain', words, more: sentences(reason, 'The provider keeps trying.') };
    }
    case 'bounced':
      return { tone: 'problem', words: `${what} came back`, more: sentences(reason, toDo) };
    case 'complained': {
      const more = sentences(
        reason,
        'Ask the company to look for it there; further emails may be held back.',
      );
      return { tone: 'problem', words: `${what} marked as spam by its reader`, more };
    }
    case 'failed':
      return { tone: 'problem', words: `${what} not delivered`, more: sentences(reason, toDo) };
  }
}

/** How soon after its email a link is opened that a scanner opens. */
const SCANNER_MS = 60_000;

/** Whether it looks as if no person opened the link: within a minute of an email, and nobody touched the page. */
export function isLikelyScanner({ at, touched }: OpeningFact, messages: MessageFact[]): boolean {
  if (touched) return false;
  return messages.some(({ channel, state, endedAt }) => {
    if (channel !== 'email' || state !== 'sent' || !endedAt) return false;
    const passed = at.getTime() - endedAt.getTime();
    return passed >= 0 && passed <= SCANNER_MS;
  });
}

export function describeOpening(opening: OpeningFact, messages: MessageFact[]): Words {
  if (opening.touched) return { tone: 'plain', words: 'Link opened' };
  const more = isLikelyScanner(opening, messages)
    ? 'Probably by a mail scanner: right after the email went out, and nobody touched the page.'
    : 'Nobody has touched the page.';
  return { tone: 'plain', words: 'Link opened', more };
}

export function describeAuditEvent({ act, by, what }: AuditFact): Words | null {
  switch (act) {
    case 'reveal.wrong_code':
      return { tone: 'plain', words: 'Wrong code entered' };
    case 'reveal.new_code':
      return { tone: 'plain', words: 'New code asked for on the page of the link' };
    case 'reveal.sent_again': {
      const part = what === 'both' ? 'Email and text' : what === 'email' ? 'Email' : 'Text';
      return { tone: 'plain', words: `${part} sent again by ${by ?? 'somebody'}` };
    }
    case 'reveal.started':
      return null;
  }
}

/** How a hand-over stands; `problem`: the newest thing that went wrong with its messages. */
export function describeStatus(
  state: KeyDeliveryState,
  problem: Words | undefined,
): { tone: Tone; words: string } {
  switch (state) {
    case 'shown':
      return {
        tone: 'good',
        words: 'Done: the API key was shown to the company, once. If it was lost, use Reset API Key.',
      };
    case 'locked':
      return {
        tone: 'problem',
        words: 'Locked: too many wrong codes. Use Reset API Key to send a new link.',
      };
    case 'expired':
      return { tone: 'problem', words: 'The link expired unused. Use Reset API Key to send a new one.' };
    case 'replaced':
      return { tone: 'plain', words: 'A newer one took its place: this link and its codes no longer work.' };
    case 'under_way':
      return problem
        ? { tone: 'problem', words: sentences(`${problem.words}.`, problem.more) ?? '' }
        : { tone: 'plain', words: 'Under way: with the link and the code, the company sees its API key.' };
  }
}

/** How the reveal ended, or why nothing comes of it any more. */
export const ENDS: Record<NonNullable<RevealFact['endedBecause']> | 'expired', Words> = {
  shown: { tone: 'good', words: 'API key shown' },
  locked: { tone: 'problem', words: 'Locked: too many wrong codes', more: 'The link no longer works.' },
  replaced: { tone: 'plain', words: 'Replaced by a newer link and code' },
  expired: { tone: 'problem', words: 'Link expired', more: 'It was good for 24 hours.' },
};

export const FIRST_USE = {
  minute: { tone: 'good', words: 'API key used for the first time', more: 'To the minute.' },
  day: { tone: 'good', words: 'API key used for the first time', more: 'On that day (in UTC).' },
} as const satisfies Record<string, Words>;
