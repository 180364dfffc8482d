import { formatCount } from '#components/format.ts';

export const LIFETIME_LABELS = {
  defaultDays: 'Default, in days',
  maxDays: 'Maximum, in days',
};

export const LIFETIME_DESCRIPTIONS = {
  defaultDays: 'For new accounts. Leave it empty to use the maximum, or no expiry if there is none.',
  maxDays:
    'No expiry can be set further ahead than this. Leave it empty to let accounts work without an expiry.',
};

/** Formats a lifetime as "1 day" or "365 days", and none as "none". */
export const formatDays = (days: number | null) =>
  days === null ? 'none' : `${formatCount(days)} ${days === 1 ? 'day' : 'days'}`;
