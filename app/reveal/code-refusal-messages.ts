import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { describeLinkRefusal } from '../links/link-refusal-messages.ts';

const messages = en.codeErrors;

type CodeRefusal =
  | {
      reason:
        | 'malformed'
        | 'wrong_code'
        | 'code_expired'
        | 'too_many_attempts'
        | 'too_soon'
        | 'no_codes_left'
        | 'sms_blocked';
      view: RevealView;
    }
  | Parameters<typeof describeLinkRefusal>[0];

/** Returns whether the integrator can still enter the current code, whose own SMS may have been blocked. */
const isLastCodeUsable = ({ isSmsBlocked, attemptsLeft, codeExpiresAt, now }: RevealView) =>
  !isSmsBlocked && attemptsLeft > 0 && Date.parse(codeExpiresAt) > Date.parse(now);

/** Describes why no key was shown or no code sent, and what to do next. */
export function describeCodeRefusal(refusal: CodeRefusal): string {
  switch (refusal.reason) {
    case 'malformed':
      return messages.malformed;
    case 'wrong_code':
      return messages.wrong(refusal.view);
    case 'code_expired':
      return messages.expired(refusal.view);
    case 'too_many_attempts':
      return messages.tooManyAttempts(refusal.view);
    case 'too_soon':
      return messages.tooSoon;
    case 'no_codes_left':
      return messages.noCodesLeft(refusal.view);
    case 'sms_blocked':
      return messages.notSent({
        organisation: refusal.view.organisation,
        isLastCodeUsable: isLastCodeUsable(refusal.view),
      });
    default:
      return describeLinkRefusal(refusal);
  }
}
