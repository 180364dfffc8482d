import { capitalize } from '#components/format.ts';
import { formatBlockReason } from '#lib/key-delivery/format-blocked-sms.ts';
import { TEXT_MESSAGES_PAGE, UNSUPPORTED_NUMBER } from '#lib/notifications/sms/labels.ts';

/** Returns what an administrator can do about an SMS that the SMS policy blocked. */
export const adviseOnBlockedSms = (reason: string) =>
  reason === UNSUPPORTED_NUMBER
    ? 'Change the phone number: that sends a new text.'
    : `Change this in ${TEXT_MESSAGES_PAGE}, then resend.`;

/** Describes why no SMS was sent and what to do. `reason`: a fragment of a sentence. */
export const describeBlockedSms = (reason: string) =>
  `${capitalize(formatBlockReason(reason))}. ${adviseOnBlockedSms(reason)}`;
