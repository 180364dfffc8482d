import { formatBlockedSms } from '#lib/key-delivery/format-blocked-sms.ts';
import { TEXT_MESSAGES_PAGE } from '#lib/notifications/sms/schema.ts';

/** What an administrator can do about an SMS that the SMS policy blocked. */
export const BLOCKED_SMS_ADVICE = `Change this in ${TEXT_MESSAGES_PAGE}, then resend.`;

/** Describes why no SMS was sent and what to do. `reason`: a fragment of a sentence. */
export function describeBlockedSms(reason: string): string {
  return `${formatBlockedSms(reason)}. ${BLOCKED_SMS_ADVICE}`;
}
