/** Returns the reason for a blocked SMS as a fragment of a sentence. Older messages have a sentence. */
export const formatBlockReason = (reason: string) =>
  reason.charAt(0).toLowerCase() + reason.slice(1).replace(/\.$/, '');

/** Says that the SMS policy blocked a text message, such as "Text not sent: the daily limit of 30 was reached". */
export const formatBlockedSms = (reason: string) => `Text not sent: ${formatBlockReason(reason)}`;
