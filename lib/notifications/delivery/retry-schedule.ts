/** Maximum number of attempts per message. With the delays below, they span about four hours. */
export const MAX_ATTEMPTS = 15;
/** Delay after the first failure. It doubles with each further failure. */
const FIRST_DELAY_SECONDS = 2;
const MAX_DELAY_SECONDS = 3_600;
/** Minimum delays after the first and the second unanswered attempt. */
const UNANSWERED_DELAYS_SECONDS = [30, 300];

/** A failed attempt, and how many attempts its message has had. */
type AttemptHistory = {
  /** Attempts so far, including this one. */
  attempts: number;
  /** Whether it is unknown if the provider accepted the message in this attempt. */
  isUnanswered: boolean;
  /** Unanswered attempts so far, including this one. */
  unansweredAttempts: number;
  /** The provider's `Retry-After`. At most an hour is honoured. */
  retryAfterSeconds?: number | undefined;
};

/**
 * Calculates the delay before the next attempt.
 * After an unanswered attempt, the recipient may have the message, so there are at most three unanswered
 * attempts, further apart.
 * @returns whole seconds; null to abandon the message
 */
export function calculateRetryDelay(history: AttemptHistory): number | null {
  const { attempts, isUnanswered, unansweredAttempts, retryAfterSeconds = 0 } = history;
  const providerDelay = Math.min(retryAfterSeconds, MAX_DELAY_SECONDS);
  if (attempts >= MAX_ATTEMPTS || unansweredAttempts > UNANSWERED_DELAYS_SECONDS.length) return null;
  const backoff = Math.min(FIRST_DELAY_SECONDS * 2 ** (attempts - 1), MAX_DELAY_SECONDS);
  const unansweredDelay = isUnanswered ? (UNANSWERED_DELAYS_SECONDS[unansweredAttempts - 1] ?? 0) : 0;
  return Math.max(backoff, unansweredDelay, providerDelay);
}
