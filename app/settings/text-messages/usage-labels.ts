import { formatCount } from '#components/format.ts';
import type { SmsUsage } from '#lib/notifications/sms/schema.ts';

export const LIMIT_LABELS = {
  perDay: 'Daily limit, all accounts',
  perAccountPerDay: 'Daily limit per account',
};

/** Formats a number of texts as "1 text" or "30 texts". */
export const formatTexts = (count: number) => `${formatCount(count)} ${count === 1 ? 'text' : 'texts'}`;

/** Describes how many of today's text messages are used, without a full stop. */
export function formatUsed({ queued, perDay }: Pick<SmsUsage, 'queued' | 'perDay'>): string {
  if (perDay === 0) return 'Texts are turned off (limit: 0 a day)';
  if (perDay === 1 && queued >= 1) return 'Today’s only text has been used';
  if (queued >= perDay) return `Today’s limit of ${formatTexts(perDay)} has been reached`;
  return `${formatCount(queued)} of ${formatTexts(perDay)} used today`;
}
