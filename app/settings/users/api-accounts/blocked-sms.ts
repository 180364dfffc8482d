import { TEXT_MESSAGES_PLACE } from '#lib/notifications/sms/schema.ts';

/** What to do about a text that the rules refused. */
export const NEXT_STEP = `See ${TEXT_MESSAGES_PLACE}; once the text may go out, send it again from the account’s hand-over.`;

/** For a toast: why no text went to the phone, and what to do. `failure`: a sentence. */
export function describeBlockedSms(phone: string, failure: string): string {
  return `No code goes to ${phone}: ${failure} ${NEXT_STEP}`;
}
