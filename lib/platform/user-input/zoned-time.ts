const DAY_MS = 86_400_000;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Returns the formatter of a time zone. Creating one is slow, so each is cached. */
function getFormatter(timeZone: string): Intl.DateTimeFormat {
  const cached = formatters.get(timeZone);
  if (cached) return cached;
  const created = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  formatters.set(timeZone, created);
  return created;
}

/** Drops the seconds if they are zero, as `<input type="datetime-local">` does. */
const dropZeroSeconds = (text: string) => text.replace(/(T\d{2}:\d{2}):00$/, '$1');

/**
 * Formats a time as clocks in a time zone show it, such as "2026-12-31T23:59", for `<input type="datetime-local">`. The
 * seconds are missing if they are zero, and fractions of a second always are.
 * @param timeZone IANA name, such as "Europe/London"
 */
export function formatZonedTime(at: Date, timeZone: string): string {
  const parts = Object.fromEntries(
    getFormatter(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const { year = '', month, day, hour, minute, second } = parts;
  return dropZeroSeconds(`${year.padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}`);
}

/**
 * Finds the times at which clocks in a time zone show a text such as "2026-12-31T23:59", earliest first. That is one,
 * except when clocks change: two if they go back over it, and none if they skip it. None either if the text is no date and
 * time.
 * @param timeZone IANA name, such as "Europe/London"
 */
export function findZonedTimes(text: string, timeZone: string): Date[] {
  const atUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(atUtc)) return [];
  // The offsets before and after a change of the clocks: no zone changes them twice within two days.
  const times = [-DAY_MS, DAY_MS].map((distance) => {
    const nearby = new Date(atUtc + distance);
    const offset = Date.parse(`${formatZonedTime(nearby, timeZone)}Z`) - nearby.getTime();
    return atUtc - offset;
  });
  return (
    [...new Set(times)]
      // The day after the year 9999 has no such text.
      .filter((time) => !Number.isNaN(time))
      .map((time) => new Date(time))
      .filter((time) => formatZonedTime(time, timeZone) === dropZeroSeconds(text))
  );
}
