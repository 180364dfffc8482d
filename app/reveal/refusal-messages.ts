import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { describeRefusal as describeLinkRefusal } from '../links/refusal-messages.ts';

type Refusal =
  | {
      reason:
        | 'malformed'
        | 'wrong'
        | 'code_expired'
        | 'too_many_attempts'
        | 'too_soon'
        | 'none_left'
        | 'sms_blocked';
      view: RevealView;
    }
  | Parameters<typeof describeLinkRefusal>[0];

/** Describes how to get a new code. */
function describeNextStep({ newCodesLeft }: RevealView): string {
  return newCodesLeft > 0
    ? 'Ask for a new one below.'
    : 'All codes of this link are used up: ask the administrator for another.';
}

/** Describes what to do if the SMS policy blocks the message. Does not tell the integrator why. */
function describeSmsBlocked({ phoneEnd, isSmsBlocked }: RevealView): string {
  const statement = `No new code was sent: texts to the phone ending in ${phoneEnd} are stopped at the moment.`;
  return isSmsBlocked
    ? `${statement} Try again tomorrow, or ask the administrator.`
    : `${statement} Your last code is as good as before. If it no longer works, try again tomorrow, or ask the administrator.`;
}

/** Describes why no key was shown or no code sent, and what to do next. */
export function describeRefusal(refusal: Refusal): string {
  switch (refusal.reason) {
    case 'malformed':
      return 'Enter the 6 digits from the text message.';
    case 'wrong': {
      const { attemptsLeft } = refusal.view;
      if (attemptsLeft <= 0)
        return `That code is not right, and it no longer works now. ${describeNextStep(refusal.view)}`;
      return `That code is not right. ${attemptsLeft} ${attemptsLeft === 1 ? 'try is' : 'tries are'} left.`;
    }
    case 'code_expired':
      return `This code has expired: it was good for 10 minutes. ${describeNextStep(refusal.view)}`;
    case 'too_many_attempts':
      return `This code no longer works after 5 wrong tries. ${describeNextStep(refusal.view)}`;
    case 'too_soon':
      return 'A code was sent a moment ago. Wait for it a little longer.';
    case 'none_left':
      return 'All codes of this link are used up. Ask the administrator for another.';
    case 'sms_blocked':
      return describeSmsBlocked(refusal.view);
    default:
      return describeLinkRefusal(refusal);
  }
}
