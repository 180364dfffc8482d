/**
 * Says that the SMS policy blocked a text message, without a full stop.
 * @param reason a fragment, such as "today’s limit of 30 was reached"; older messages have a sentence
 */
export function formatBlockedSms(reason: string): string {
  return `Text not sent: ${reason.replace(/\.$/, '')}`;
}
