import { TEXT_MESSAGES_BREADCRUMB } from '#lib/notifications/sms/schema.ts';

/** What an administrator can do about a blocked SMS. */
export const NEXT_STEP = `See ${TEXT_MESSAGES_BREADCRUMB}; once the text may go out, send it again from the account’s hand-over.`;

/** Describes why no SMS was sent and what to do. `failure` is a sentence. */
export function describeBlockedSms(phone: string, failure: string): string {
  return `No code goes to ${phone}: ${failure} ${NEXT_STEP}`;
}
