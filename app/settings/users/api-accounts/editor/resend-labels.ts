import { capitalize } from '#components/format.ts';
import type { ToastMessage } from '#components/toast.tsx';
import { secondsUntil } from '#components/use-clock.ts';
import { formatBlockedSms } from '#lib/key-delivery/format-blocked-sms.ts';
import { RESENDS_PER_LINK } from '#lib/key-delivery/reveal/limits.ts';
import type { ResendPartResult, ResendRequest, ResendResult } from '#lib/key-delivery/reveal/schema.ts';
import type { ResendAvailability } from '#lib/key-delivery/timeline/schema.ts';
import type { OutboxChannels } from '#lib/platform/config/provider-settings.ts';
import { formatWait } from '#lib/platform/rate-limiter/format.ts';
import { describeQueued } from '../../../test-mode/describe-queued.ts';

type MessageNoun = 'email' | 'text';

export const INVALID_LINK_MESSAGE = 'This link no longer works, so nothing more can be sent.';

const describeNoneLeft = (noun: MessageNoun) =>
  `The ${noun} has been resent ${RESENDS_PER_LINK} times, the maximum. Reset the key to start again.`;
const describeTooSoon = (noun: MessageNoun, seconds: number) =>
  `You can resend the ${noun} in ${formatWait(seconds)}.`;

/** Describes why a message was not sent; null if it was sent or not requested. */
function describeUnsent(noun: MessageNoun, result: ResendPartResult | null): string | null {
  if (!result || result.sent) return null;
  switch (result.reason) {
    case 'too_soon':
      return describeTooSoon(noun, result.seconds);
    case 'no_resends_left':
      return describeNoneLeft(noun);
    case 'sms_blocked':
      return `${formatBlockedSms(result.smsBlockedReason)}.`;
  }
}

/** Describes for each message whether it was resent, in the list of accounts or in an account. */
export function describeResent(
  result: ResendResult,
  recipient: { email: string; phone: string },
  outbox: OutboxChannels,
): ToastMessage {
  if (!result.ok && result.reason === 'not_in_progress') {
    const description = `${INVALID_LINK_MESSAGE} Check under Delivery whether they’ve collected the key. If they haven’t, reset the key to send a new link and code.`;
    return { title: 'Nothing was sent', description, tone: 'info' };
  }
  if (!result.ok && result.reason === 'replaced') {
    const description =
      'A new link and code have been sent since you opened this page. Check them under Delivery before you resend those.';
    return { title: 'Nothing was sent', description, tone: 'info' };
  }
  const { email, text } = result;
  const sent = [email?.sent && 'email', text?.sent && 'text'].filter(
    (noun) => noun !== false && noun !== undefined,
  );
  const sentences = [
    describeQueued(
      {
        ...(email?.sent && { email: { content: 'the same link', recipient: recipient.email } }),
        ...(text?.sent && { sms: { content: 'a new code', recipient: recipient.phone } }),
      },
      outbox,
    ),
    text?.sent && 'Earlier codes no longer work.',
    describeUnsent('email', email),
    describeUnsent('text', text),
  ].filter(Boolean);
  const title = sent.length > 0 ? `${capitalize(sent.join(' and '))} resent` : 'Nothing was sent';
  return { title, description: sentences.join(' '), tone: sent.length > 0 ? 'success' : 'info' };
}

/** Describes why a message cannot be resent yet, or can no longer be resent; null if it can be resent now. */
export function describeResendWait(
  noun: MessageNoun,
  { at, left }: ResendAvailability,
  now: number,
): string | null {
  if (left <= 0) return describeNoneLeft(noun);
  const seconds = secondsUntil(at, now);
  return seconds === 0 ? null : describeTooSoon(noun, seconds);
}

export const RESEND_LABELS: Record<ResendRequest, string> = {
  email: 'Resend email',
  text: 'Resend text',
  both: 'Resend both',
};
