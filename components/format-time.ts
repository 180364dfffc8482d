import { formatDuration } from '#lib/platform/rate-limiter/format.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns the format of a time zone; making one takes long, so each is kept. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const created = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  formats.set(timeZone, created);
  return created;
}

/** Splits a time into numbers of the time zone. Punctuation is ours: that of `Intl` differs between Node.js and browsers. */
function splitTime(at: Date, timeZone: string) {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: `${Number(parts.day)} ${MONTHS[Number(parts.month) - 1]}`,
    year: parts.year ?? '',
    time: `${parts.hour}:${parts.minute}`,
    seconds: parts.second ?? '',
    zone: parts.timeZoneName ?? timeZone,
  };
}

/** Formats a day as "24 Nov". @param timeZone IANA name, such as "Europe/London" */
export function formatDay(at: Date, timeZone: string): string {
  return splitTime(at, timeZone).day;
}

/** Formats a date as "24 Nov 2026". */
export function formatDate(at: Date, timeZone: string): string {
  const { day, year } = splitTime(at, timeZone);
  return `${day} ${year}`;
}

/** Formats a time of day as "14:02", for where the time zone is shown beside it. */
export function formatHourAndMinute(at: Date, timeZone: string): string {
  return splitTime(at, timeZone).time;
}

/** Formats a time of day as "14:02 GMT". */
export function formatTimeOfDay(at: Date, timeZone: string): string {
  const { time, zone } = splitTime(at, timeZone);
  return `${time} ${zone}`;
}

/** Formats a time as "24 Nov 2026, 14:02:31 GMT". */
export function formatExact(at: Date, timeZone: string): string {
  const { day, year, time, seconds, zone } = splitTime(at, timeZone);
  return `${day} ${year}, ${time}:${seconds} ${zone}`;
}

/** Formats how long ago a time was, such as "2 days ago"; after a week, the date. */
export function formatRelative(at: Date, now: Date, timeZone: string): string {
  const elapsed = now.getTime() - at.getTime();
  if (elapsed < MINUTE) return 'Just now';
  if (elapsed < HOUR) return `${formatDuration(Math.floor(elapsed / MINUTE), 'minute')} ago`;
  if (elapsed < DAY) return `${formatDuration(Math.floor(elapsed / HOUR), 'hour')} ago`;
  if (elapsed < 7 * DAY) return `${formatDuration(Math.floor(elapsed / DAY), 'day')} ago`;
  return formatDate(at, timeZone);
}
