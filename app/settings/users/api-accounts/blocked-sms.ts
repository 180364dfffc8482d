import { TEXT_MESSAGES_BREADCRUMB } from '#lib/notifications/sms/schema.ts';

/** What an administrator can do about a blocked SMS. */
export const NEXT_STEP = `Change this in ${TEXT_MESSAGES_BREADCRUMB}, then resend the text.`;

/** Describes why no SMS was sent and what to do. `failure` is the end of a sentence, such as "texts are turned off". */
export function describeBlockedSms(phone: string, failure: string): string {
  return `No code was sent to ${phone}: ${failure}. ${NEXT_STEP}`;
}
