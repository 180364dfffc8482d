const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'} ago`;
}

/** "24 Nov", in UTC. */
export function formatDay(at: Date): string {
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
}

function dateInWords(at: Date): string {
  return `${formatDay(at)} ${at.getUTCFullYear()}`;
}

/**
 * How long ago, in words; after a week the date, in UTC. Spelt out here rather than by `Intl`, whose words
 * differ between Node and the browsers, so that server and browser always write the same.
 */
export function formatRelative(at: Date, now: Date): string {
  const passed = now.getTime() - at.getTime();
  if (passed < MINUTE) return 'Just now';
  if (passed < HOUR) return count(Math.floor(passed / MINUTE), 'minute');
  if (passed < DAY) return count(Math.floor(passed / HOUR), 'hour');
  if (passed < 7 * DAY) return count(Math.floor(passed / DAY), 'day');
  return dateInWords(at);
}

/** "24 Nov 2026, 14:02:31 UTC". */
export function formatExact(at: Date): string {
  return `${dateInWords(at)}, ${at.toISOString().slice(11, 19)} UTC`;
}

/** How long ago, with the exact time for the pointer and for machines. */
export function RelativeTime({ at, now }: { at: Date; now: Date }) {
  return (
    <time dateTime={at.toISOString()} title={formatExact(at)}>
      {formatRelative(at, now)}
    </time>
  );
}
