const HOUR = 3_600;
/**
 * Delays before the second and each further attempt. The last attempt is 24 to 28 hours after the first, so that a receiver
 * that is down for a day gets every event.
 */
const DELAYS_SECONDS = [5, 60, 300, 1_200, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 10 * HOUR, 4 * HOUR];
/** No attempt is later than this, from when a delivery is created or requested again. */
export const RETRY_HOURS = 28;
/** A receiver cannot defer the next attempt for longer. */
const MAX_RETRY_AFTER_SECONDS = HOUR;
/** Each delay is shortened by up to this part, so that deliveries that failed together are not retried together. */
const JITTER = 0.1;

/**
 * Parses the header `Retry-After` of a 429 or 503 response: a number of seconds, or a date.
 * @returns the number of seconds, at most an hour; 0 if there is none
 */
export function parseRetryAfter(
  status: number | null,
  header: string | undefined,
  nowMs: number = Date.now(),
): number {
  if (header === undefined || (status !== 429 && status !== 503)) return 0;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : (Date.parse(header) - nowMs) / 1_000;
  return seconds > 0 ? Math.min(Math.ceil(seconds), MAX_RETRY_AFTER_SECONDS) : 0;
}

/**
 * Calculates the delay before the next attempt of a delivery.
 * @param attempts how many there have been
 * @param secondsLeft until the retries end
 * @returns null if there is no next attempt
 */
export function calculateRetryDelay(
  {
    attempts,
    retryAfterSeconds,
    secondsLeft,
  }: { attempts: number; retryAfterSeconds: number; secondsLeft: number },
  random: () => number = Math.random,
): number | null {
  const delay = DELAYS_SECONDS[attempts - 1];
  if (delay === undefined) return null;
  const seconds = Math.max(delay * (1 - JITTER * random()), retryAfterSeconds);
  return seconds <= secondsLeft ? seconds : null;
}
