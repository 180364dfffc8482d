/** Formats the reason for a blocked SMS as a fragment of a sentence. Older messages store it as a full sentence. */
export const formatBlockReason = (reason: string) =>
  reason.charAt(0).toLowerCase() + reason.slice(1).replace(/\.$/, '');

/** Formats the fact that an SMS was blocked, such as "Text not sent: the daily limit of 30 was reached". */
export const formatBlockedSms = (reason: string) => `Text not sent: ${formatBlockReason(reason)}`;
