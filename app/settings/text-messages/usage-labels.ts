import type { SmsUsage } from '#lib/notifications/sms/schema.ts';
import { levelOf } from '#lib/notifications/sms/status.ts';

const figure = (value: number) => value.toLocaleString('en-GB');

/** How many of today's texts are used, in a sentence without its full stop. */
export function formatUsed({ queued, perDay }: SmsUsage): string {
  if (perDay === 0) return 'Texts are switched off: the ceiling is 0 a day';
  if (perDay === 1 && queued >= 1) return 'The one text of today is used';
  if (queued >= perDay) return `All of today’s ${figure(perDay)} texts are used`;
  return `${figure(queued)} of today’s ${figure(perDay)} texts are used`;
}

/** What comes of that: what still goes out, what not, and when it begins anew. */
export function formatConsequence(use: SmsUsage): string {
  const { queued, perDay } = use;
  const refused = 'Links still go out by email, but no codes by text, without which nobody sees their key.';
  if (perDay === 0) return refused;
  if (levelOf(use) === 'reached') return `${refused} Texts start again at midnight UTC.`;
  const left = figure(perDay - queued);
  return `${left} ${perDay - queued === 1 ? 'is' : 'are'} left until midnight UTC; any further ones are refused.`;
}
