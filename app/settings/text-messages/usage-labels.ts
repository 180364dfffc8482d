import { formatCount } from '#components/format.ts';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { usageLevel } from '#lib/notifications/sms/status.ts';

/** Describes how many of today's text messages are used, without a full stop. */
export function formatUsed({ queued, perDay }: SmsUsage): string {
  if (perDay === 0) return 'Texts are switched off: the ceiling is 0 a day';
  if (perDay === 1 && queued >= 1) return 'The one text of today is used';
  if (queued >= perDay) return `All of today’s ${formatCount(perDay)} texts are used`;
  return `${formatCount(queued)} of today’s ${formatCount(perDay)} texts are used`;
}

/** Describes which messages can still be sent, and when the limit resets. */
export function formatConsequence(usage: SmsUsage): string {
  const { queued, perDay } = usage;
  const refused = 'Links still go out by email, but no codes by text, without which nobody sees their key.';
  if (perDay === 0) return refused;
  if (usageLevel(usage) === 'reached') return `${refused} Texts start again at midnight UTC.`;
  const left = formatCount(perDay - queued);
  return `${left} ${perDay - queued === 1 ? 'is' : 'are'} left until midnight UTC; any further ones are refused.`;
}
