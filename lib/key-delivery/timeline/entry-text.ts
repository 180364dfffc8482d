import { LINK_HOURS } from '#lib/key-delivery/reveal/limits.ts';
import { formatBlockedSms } from '../format-blocked-sms.ts';
import type { AuditEventRow, MessageRow, OpeningRow, ReportRow, RevealRow } from './rows.ts';
import type { KeyDeliveryState, KeyDeliveryStatus, Tone } from './schema.ts';

/** Text of an entry, written for administrators who are not developers. */
export type EntryText = {
  tone: Tone;
  /** Without a full stop. */
  text: string;
  /** In full sentences. */
  details?: string | null;
  nextAttemptAt?: Date | null;
  isInOutbox?: boolean;
};

const PROVIDER_NAMES = {
  resend: 'Resend',
  smtp: 'the mail server',
  sns: 'Amazon SNS',
  twilio: 'Twilio',
} as const;
const EMAIL_ADVICE = 'Check the email address. If it’s right, resend the email.';
const SMS_ADVICE = 'Check the phone number. If it’s right, resend the text.';
const FORMER_USER = 'A former user';

const getMessageNoun = ({ channel }: Pick<MessageRow, 'channel'>) => (channel === 'email' ? 'Email' : 'Text');
const joinSentences = (...parts: (string | null | undefined | false)[]) =>
  parts.filter(Boolean).join(' ') || null;

/** When the old key of a reset was to end, by `oldKey` of its audit event. */
const OLD_KEY_ENDS: Record<string, string> = {
  on_collection: 'The old key ends when the new key is collected.',
  on_first_use: 'The old key ends when the new key is first used.',
  after_hours: 'The old key ends after a set time.',
};

/** Describes why a key delivery started. */
export function describeStart(start: AuditEventRow | undefined): EntryText {
  if (!start) return { tone: 'plain', text: 'Key delivery started' };
  const actions = {
    'api_account.created': 'created the account',
    'api_key.reset': 'reset the API key',
    'api_account.edited': 'changed the contact details',
  };
  const action = start.cause ? actions[start.cause] : 'started the key delivery';
  const details = start.oldKey === null ? null : (OLD_KEY_ENDS[start.oldKey] ?? null);
  return { tone: 'plain', text: `${start.administratorName ?? FORMER_USER} ${action}`, details };
}

/** Describes a queued message and, while it is still queued, its delivery attempts so far. */
export function describeQueued(message: MessageRow, readAt: Date): EntryText {
  const noun = getMessageNoun(message);
  const queued: EntryText = { tone: 'plain', text: `Sending ${noun.toLowerCase()}` };
  if (message.state !== 'queued') return queued;
  const { attempts, failure, nextAttemptAt } = message;
  if (failure) {
    const isWaiting = nextAttemptAt !== null && nextAttemptAt > readAt;
    const attemptCount = attempts > 0 && `Tried ${attempts === 1 ? 'once' : `${attempts} times`}.`;
    return {
      tone: 'problem',
      text: `${noun} delayed`,
      details: joinSentences(failure, attemptCount, !isWaiting && 'Trying again now.'),
      nextAttemptAt: isWaiting ? nextAttemptAt : null,
    };
  }
  const isStuck = readAt.getTime() - message.createdAt.getTime() > MAX_QUEUE_TIME_MS;
  if (!isStuck || attempts > 0) return queued;
  const details = 'The sending service (worker) may be stopped.';
  return { tone: 'problem', text: `${noun} not sent yet`, details };
}

/** A running worker usually starts a delivery attempt within two seconds. */
const MAX_QUEUE_TIME_MS = 30_000;

function describeAccepted(message: MessageRow, isReported: boolean): EntryText {
  const { provider, attempts, unanswered } = message;
  const noun = getMessageNoun(message);
  if (provider === 'outbox') return { tone: 'plain', text: `${noun} not really sent`, isInOutbox: true };
  const by = provider ? PROVIDER_NAMES[provider] : 'the provider';
  const attempt = attempts > 1 ? ` (attempt ${attempts})` : '';
  return {
    tone: 'plain',
    text: `${noun} sent by ${by}${attempt}`,
    details: joinSentences(
      !isReported && 'Delivery not confirmed.',
      unanswered > 0 && 'An earlier attempt got no response, so the message may arrive twice.',
    ),
  };
}

/** Describes the final state of a message, without the provider's reports; returns null while it is queued. */
export function describeFinalState(message: MessageRow, isReported: boolean): EntryText | null {
  const noun = getMessageNoun(message);
  switch (message.state) {
    case 'queued':
      return null;
    case 'sent':
      return describeAccepted(message, isReported);
    case 'failed':
      return {
        tone: 'problem',
        text: `${noun} ${message.unanswered > 0 ? 'may not have arrived' : 'couldn’t be sent'}`,
        details: message.failure,
      };
    case 'refused':
      return { tone: 'problem', text: formatBlockedSms(message.failure ?? 'blocked') };
    case 'dropped':
      return { tone: 'plain', text: `${noun} cancelled: no longer needed` };
  }
}

/** Describes a provider's report about a message that it accepted. */
export function describeDeliveryReport(message: MessageRow, { kind, reason }: ReportRow): EntryText {
  const noun = getMessageNoun(message);
  const isEmail = message.channel === 'email';
  const details = joinSentences(reason, isEmail ? EMAIL_ADVICE : SMS_ADVICE);
  switch (kind) {
    case 'delivered':
      // SNS may report only that a carrier accepted the SMS. Such reports have a reason.
      return isEmail || !reason
        ? { tone: 'success', text: `${noun} delivered` }
        : { tone: 'plain', text: 'Text passed to the mobile network', details: reason };
    case 'delayed':
      return {
        tone: 'plain',
        text: `${noun} delivery delayed`,
        details: joinSentences(reason, 'The provider is still trying.'),
      };
    case 'bounced':
      return { tone: 'problem', text: `${noun} bounced`, details };
    case 'complained': {
      const advice = 'Ask the company to check its spam folder. Future emails may not arrive.';
      return { tone: 'problem', text: `${noun} marked as spam`, details: advice };
    }
    case 'failed':
      return { tone: 'problem', text: `${noun} not delivered`, details };
  }
}

/** Most mail scanners open a link within this time after its email. */
const SCANNER_MS = 60_000;

/** Guesses whether a mail scanner opened the link: within a minute of an email, and without any interaction. */
export function isLikelyScanner({ at, hasInteraction }: OpeningRow, messages: MessageRow[]): boolean {
  if (hasInteraction) return false;
  return messages.some(({ channel, state, endedAt }) => {
    if (channel !== 'email' || state !== 'sent' || !endedAt) return false;
    const elapsed = at.getTime() - endedAt.getTime();
    return elapsed >= 0 && elapsed <= SCANNER_MS;
  });
}

export function describeOpening(opening: OpeningRow, messages: MessageRow[]): EntryText {
  if (opening.hasInteraction) return { tone: 'plain', text: 'Link opened' };
  const details = isLikelyScanner(opening, messages)
    ? 'Probably an email security scanner, not a person.'
    : 'No activity on the page yet.';
  return { tone: 'plain', text: 'Link opened', details };
}

export function describeAuditEvent({ action, administratorName, resent }: AuditEventRow): EntryText | null {
  switch (action) {
    case 'reveal.wrong_code':
      return { tone: 'plain', text: 'Wrong code entered' };
    case 'reveal.new_code':
      return { tone: 'plain', text: 'The company asked for a new code' };
    case 'reveal.sent_again': {
      const part = resent === 'both' ? 'email and text' : resent === 'email' ? 'email' : 'text';
      return { tone: 'plain', text: `${administratorName ?? FORMER_USER} resent the ${part}` };
    }
    case 'reveal.code_read_out':
      return {
        tone: 'plain',
        text: `${administratorName ?? FORMER_USER} got a code to read out by phone`,
        details: 'Earlier codes no longer work.',
      };
    // `describeStart` describes it in the first entry.
    case 'reveal.started':
      return null;
  }
}

const STATUSES: Record<KeyDeliveryState, Pick<KeyDeliveryStatus, 'tone' | 'text'>> = {
  in_progress: { tone: 'plain', text: 'Waiting for the company to open the link and enter the code.' },
  shown: { tone: 'success', text: 'Collected. If the company has lost the key, reset it.' },
  locked: {
    tone: 'problem',
    text: 'Locked after too many wrong codes. Reset the key to send a new link and code.',
  },
  expired: {
    tone: 'problem',
    text: 'The link expired before the company used it. Reset the key to send a new one.',
  },
  replaced: { tone: 'plain', text: 'Replaced by a newer link.' },
};

/** Summarises a key delivery. `problem`: its latest delivery problem, shown while it is in progress. */
export function describeStatus(state: KeyDeliveryState, problem: EntryText | undefined): KeyDeliveryStatus {
  if (state !== 'in_progress' || !problem) return { ...STATUSES[state], nextAttemptAt: null };
  return {
    tone: 'problem',
    text: joinSentences(`${problem.text}.`, problem.details) ?? '',
    nextAttemptAt: problem.nextAttemptAt?.toISOString() ?? null,
  };
}

/** Entry texts by the reason why a reveal ended. */
export const END_TEXTS: Record<NonNullable<RevealRow['endReason']> | 'expired', EntryText> = {
  shown: { tone: 'success', text: 'API key collected' },
  locked: {
    tone: 'problem',
    text: 'Locked after too many wrong codes',
    details: 'The link no longer works.',
  },
  replaced: { tone: 'plain', text: 'Replaced by a newer link and code' },
  expired: { tone: 'problem', text: 'Link expired', details: `Links work for ${LINK_HOURS} hours.` },
};

export const FIRST_USE_TEXT: EntryText = { tone: 'success', text: 'First request with this key' };
