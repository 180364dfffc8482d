import { capitalize } from '#components/format.ts';
import type { ToastMessage } from '#components/toast.tsx';
import { secondsUntil } from '#components/use-clock.ts';
import type { ResendPartResult, ResendRequest, ResendResult } from '#lib/key-delivery/reveal/schema.ts';
import type { ResendAvailability } from '#lib/key-delivery/timeline/schema.ts';

const NOUNS = { email: 'email', text: 'text' } as const;
const NONE_LEFT = 'it was sent again five times, which is the most';

/** Describes why a message was not sent; null if it was sent or not requested. */
function describeUnsent(noun: keyof typeof NOUNS, result: ResendPartResult | null): string | null {
  if (!result || result.sent) return null;
  if (result.reason === 'too_soon') {
    return `The last ${noun} went out a moment ago: try again in ${result.seconds} s.`;
  }
  if (result.reason === 'refused') return `The ${noun} was refused by our own rules: ${result.failure}`;
  return `The ${noun} was not sent: ${NONE_LEFT}. Use Reset API Key to start anew.`;
}

/** Describes for each message whether it was sent again. */
export function describeResent(result: ResendResult, to: { email: string; phone: string }): ToastMessage {
  if (!result.ok && result.reason === 'not_in_progress') {
    const description = 'No hand-over is under way any more. To send a new link and code, use Reset API Key.';
    return { title: 'Nothing was sent', description, tone: 'info' };
  }
  const { email, text } = result;
  const sent = [email?.sent && 'email', text?.sent && 'text'].filter(
    (noun) => noun !== false && noun !== undefined,
  );
  const sentences = [
    email?.sent && `The email, with the same link, goes to ${to.email}.`,
    text?.sent && `The text, with a new code, goes to ${to.phone}. The code before no longer works.`,
    describeUnsent('email', email),
    describeUnsent('text', text),
  ].filter(Boolean);
  const title = sent.length > 0 ? `${capitalize(sent.join(' and '))} on the way again` : 'Nothing was sent';
  return { title, description: sentences.join(' '), tone: sent.length > 0 ? 'success' : 'info' };
}

/** Describes why a message cannot be sent again yet or any more; null if it can. */
export function describeResendWait(
  noun: keyof typeof NOUNS,
  { at, left }: ResendAvailability,
  clock: number,
): string | null {
  if (left <= 0) return `${capitalize(noun)}: ${NONE_LEFT}. Use Reset API Key to start anew.`;
  const seconds = secondsUntil(at, clock);
  return seconds === 0 ? null : `${capitalize(noun)}: can be sent again in ${seconds} s.`;
}

export const LABELS: Record<ResendRequest, string> = {
  email: 'Send email again',
  text: 'Send text again',
  both: 'Send both again',
};
