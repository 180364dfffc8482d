/** Formats a duration in whole units: "1 minute", "24 hours". */
export function formatDuration(count: number, unit: 'second' | 'minute' | 'hour' | 'day'): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Formats a waiting time, rounded up so that a retry is never too early: "90 seconds", "13 minutes", "about 24 hours". */
export function formatWait(seconds: number): string {
  if (seconds <= 90) return formatDuration(seconds, 'second');
  const minutes = Math.ceil(seconds / 60);
  return minutes <= 90
    ? formatDuration(minutes, 'minute')
    : `about ${formatDuration(Math.ceil(minutes / 60), 'hour')}`;
}

/** Describes that a rate limit refused a request, and when to try again. */
export function describeRateLimit(retryAfterSeconds: number): string {
  return `Too many attempts. Try again in ${formatWait(retryAfterSeconds)}.`;
}
