/** Attempts per message. With the delays below they span about four hours. */
export const MAX_ATTEMPTS = 15;
/** Seconds after the first failure; doubles with each further failure. */
const FIRST_DELAY = 2;
const MAX_DELAY = 3_600;
/** Seconds after an attempt that the provider did not answer and may have accepted. */
const UNANSWERED_DELAYS = [30, 300];

/** A failed attempt and the number of attempts before it. */
export type Failure = {
  /** Attempts so far, including this one. */
  attempts: number;
  /** Whether it is unknown if the provider accepted the message in this attempt. */
  unanswered: boolean;
  /** Unanswered attempts so far, including this one. */
  totalUnanswered: number;
  /** The provider's `Retry-After`; at most an hour is granted. */
  retryAfterSeconds?: number | undefined;
};

/**
 * Calculates the delay before the next attempt.
 * An unanswered attempt may have reached the recipient, so these are few and far apart.
 * @returns whole seconds; null to abandon the message
 */
export function retryDelay(failure: Failure): number | null {
  const { attempts, unanswered, totalUnanswered, retryAfterSeconds = 0 } = failure;
  const providerDelay = Math.min(retryAfterSeconds, MAX_DELAY);
  if (attempts >= MAX_ATTEMPTS || totalUnanswered > UNANSWERED_DELAYS.length) return null;
  const backoff = Math.min(FIRST_DELAY * 2 ** (attempts - 1), MAX_DELAY);
  const unansweredDelay = unanswered ? (UNANSWERED_DELAYS[totalUnanswered - 1] ?? 0) : 0;
  return Math.max(backoff, unansweredDelay, providerDelay);
}
