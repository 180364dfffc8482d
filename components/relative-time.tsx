const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function formatAgo(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

/** Formats a day in UTC as "24 Nov". */
export function formatDay(at: Date): string {
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
}

function formatDate(at: Date): string {
  return `${formatDay(at)} ${at.getUTCFullYear()}`;
}

/**
 * Formats how long ago a time was, such as "2 days ago"; after a week, the date in UTC.
 * Does not use `Intl`, because its output differs between Node and browsers, which breaks hydration.
 */
export function formatRelative(at: Date, now: Date): string {
  const elapsed = now.getTime() - at.getTime();
  if (elapsed < MINUTE) return 'Just now';
  if (elapsed < HOUR) return formatAgo(Math.floor(elapsed / MINUTE), 'minute');
  if (elapsed < DAY) return formatAgo(Math.floor(elapsed / HOUR), 'hour');
  if (elapsed < 7 * DAY) return formatAgo(Math.floor(elapsed / DAY), 'day');
  return formatDate(at);
}

/** Formats a time as "24 Nov 2026, 14:02:31 UTC". */
export function formatExact(at: Date): string {
  return `${formatDate(at)}, ${at.toISOString().slice(11, 19)} UTC`;
}

/** Renders how long ago a time was, with the exact time as a tooltip. */
export function RelativeTime({ at, now }: { at: Date; now: Date }) {
  return (
    <time dateTime={at.toISOString()} title={formatExact(at)}>
      {formatRelative(at, now)}
    </time>
  );
}
