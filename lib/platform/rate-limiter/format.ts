/** Formats a duration in whole units: "1 minute", "24 hours". */
export function formatDuration(count: number, unit: 'second' | 'minute' | 'hour' | 'day'): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/**
 * Formats a waiting time: "90 seconds", "13 minutes", "about 24 hours".
 * Rounds up, so that a user who waits that long is not too early.
 */
export function formatWait(seconds: number): string {
  if (seconds <= 90) return formatDuration(seconds, 'second');
  const minutes = Math.ceil(seconds / 60);
  return minutes <= 90
    ? formatDuration(minutes, 'minute')
    : `about ${formatDuration(Math.ceil(minutes / 60), 'hour')}`;
}

/** Returns the message to a user whose attempt a rate limit refused. */
export function describeRateLimit(retryAfterSeconds: number): string {
  return `Too many attempts. Try again in ${formatWait(retryAfterSeconds)}.`;
}
