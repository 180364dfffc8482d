import { formatTimeAndDay, formatTimeOfDay } from '#components/format-time.ts';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { codePage, codeErrors as messages } from '#lib/notifications/message-catalogue/en-pages.ts';
import { describeLinkRefusal } from '../links/link-refusal-messages.ts';

type CodeRefusal =
  | {
      reason:
        | 'malformed'
        | 'wrong_code'
        | 'replaced_code'
        | 'code_expired'
        | 'too_many_attempts'
        | 'too_soon'
        | 'no_codes_left'
        | 'sms_blocked';
      view: RevealView;
    }
  | Parameters<typeof describeLinkRefusal>[0];

/**
 * Formats when a new code can be requested, in the reader's time zone: "00:00 GMT on 30 Nov". Null if waiting is no use,
 * for example because the link will have expired.
 */
function formatBlockEnd({ newCodeBlock, linkExpiresAt }: RevealView, timeZone: string): string | null {
  if (!newCodeBlock?.until) return null;
  const until = new Date(newCodeBlock.until);
  if (until >= new Date(linkExpiresAt)) return null;
  return formatTimeAndDay(until, timeZone);
}

/** Returns the values with which a message says how the integrator gets a new code. */
export const getNextStep = (view: RevealView, timeZone: string) => ({
  organisation: view.organisation,
  newCodesLeft: view.newCodesLeft,
  isBlocked: view.newCodeBlock !== null,
  blockedUntil: formatBlockEnd(view, timeZone),
});

/** Returns whether the SMS policy blocks a new code, or none is left. @param now the database's time in milliseconds */
export function isNewCodeBlocked({ newCodeBlock, newCodesLeft }: RevealView, now: number): boolean {
  if (newCodesLeft <= 0) return true;
  return newCodeBlock !== null && (newCodeBlock.until === null || Date.parse(newCodeBlock.until) > now);
}

/** Describes why no new code can be requested, although the current one is usable. */
export const describeNoNewCode = (nextStep: ReturnType<typeof getNextStep>) =>
  nextStep.newCodesLeft > 0 ? codePage.newCodesBlocked(nextStep) : codePage.noNewCodes(nextStep);

/**
 * Describes that the integrator has no usable code and cannot request one now; null if they have or can.
 * @param now the database's time in milliseconds
 */
export function describeDeadEnd(view: RevealView, now: number, timeZone: string): string | null {
  if (view.isSmsBlocked || !isNewCodeBlocked(view, now)) return null;
  if (Date.parse(view.codeExpiresAt) <= now) return messages.expired(getNextStep(view, timeZone));
  return view.attemptsLeft <= 0 ? messages.tooManyAttempts(getNextStep(view, timeZone)) : null;
}

/** Describes a wrong code, and a newer one if it was sent after the page had last heard of a code. */
function describeWrongCode(view: RevealView, previous: RevealView, timeZone: string): string {
  const wrong = messages.wrong({ ...getNextStep(view, timeZone), attemptsLeft: view.attemptsLeft });
  if (view.attemptsLeft <= 0 || view.codeGeneration === previous.codeGeneration) return wrong;
  return `${wrong} ${describeNewerCode(view, timeZone)}`;
}

const describeNewerCode = (view: RevealView, timeZone: string) =>
  view.isCodeByPhone
    ? messages.replacedByPhone(view)
    : messages.replaced({ time: formatTimeOfDay(new Date(view.codeSentAt), timeZone) });

/** Describes that no code was sent. If there is no usable code either, says the same as `describeDeadEnd`. */
function describeBlockedSms(view: RevealView, timeZone: string): string {
  const { organisation } = view;
  const blockedUntil = formatBlockEnd(view, timeZone);
  const isExpired = Date.parse(view.codeExpiresAt) <= Date.parse(view.now);
  const isLastCodeUsable = !view.isSmsBlocked && view.attemptsLeft > 0 && !isExpired;
  return (
    describeDeadEnd(view, Date.parse(view.now), timeZone) ??
    messages.notSent({ organisation, blockedUntil, isLastCodeUsable })
  );
}

/**
 * Describes why no key was shown or no code sent, and what to do next.
 * @param previous what the page knew before the request
 * @param timeZone the reader's
 */
export function describeCodeRefusal(refusal: CodeRefusal, previous: RevealView, timeZone: string): string {
  switch (refusal.reason) {
    case 'malformed':
      return messages.malformed(refusal.view);
    case 'wrong_code':
      return describeWrongCode(refusal.view, previous, timeZone);
    case 'replaced_code':
      return describeNewerCode(refusal.view, timeZone);
    case 'code_expired':
      return messages.expired(getNextStep(refusal.view, timeZone));
    case 'too_many_attempts':
      return messages.tooManyAttempts(getNextStep(refusal.view, timeZone));
    case 'too_soon':
      return messages.tooSoon;
    case 'no_codes_left':
      return messages.noCodesLeft(refusal.view);
    case 'sms_blocked':
      return describeBlockedSms(refusal.view, timeZone);
    default:
      return describeLinkRefusal(refusal);
  }
}
