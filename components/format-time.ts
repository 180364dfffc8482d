import { formatDuration } from '#lib/platform/rate-limiter/format.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Returns the formatter of a time zone. Creating one is slow, so each is cached. */
function getFormatter(timeZone: string): Intl.DateTimeFormat {
  const cached = formatters.get(timeZone);
  if (cached) return cached;
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
  formatters.set(timeZone, created);
  return created;
}

/** Splits a time into parts without punctuation, because that of `Intl` differs between Node.js and browsers. */
function splitTime(at: Date, timeZone: string) {
  const parts = Object.fromEntries(
    getFormatter(timeZone)
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

/** Formats a time of day as "14:02". For texts that show the time zone separately. */
export function formatHourAndMinute(at: Date, timeZone: string): string {
  return splitTime(at, timeZone).time;
}

/** Formats a time of day as "14:02 GMT". */
export function formatTimeOfDay(at: Date, timeZone: string): string {
  const { time, zone } = splitTime(at, timeZone);
  return `${time} ${zone}`;
}

/** Formats a time as "14:02 GMT on 24 Nov". For times in the coming days. */
export const formatTimeAndDay = (at: Date, timeZone: string) =>
  `${formatTimeOfDay(at, timeZone)} on ${formatDay(at, timeZone)}`;

/** Formats a time as "24 Nov 2026, 14:02:31 GMT". */
export function formatExact(at: Date, timeZone: string): string {
  const { day, year, time, seconds, zone } = splitTime(at, timeZone);
  return `${day} ${year}, ${time}:${seconds} ${zone}`;
}

/** Formats how long ago a time was, such as "2 days ago"; after a week, the date. A future time is "Just now". */
export function formatRelative(at: Date, now: Date, timeZone: string): string {
  const elapsed = now.getTime() - at.getTime();
  if (elapsed < MINUTE_MS) return 'Just now';
  if (elapsed < HOUR_MS) return `${formatDuration(Math.floor(elapsed / MINUTE_MS), 'minute')} ago`;
  if (elapsed < DAY_MS) return `${formatDuration(Math.floor(elapsed / HOUR_MS), 'hour')} ago`;
  if (elapsed < 7 * DAY_MS) return `${formatDuration(Math.floor(elapsed / DAY_MS), 'day')} ago`;
  return formatDate(at, timeZone);
}
