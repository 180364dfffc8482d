/** Attempts that a message gets; with the waits below, they take some four hours. */
export const MAX_ATTEMPTS = 15;
/** The wait after the first failure, in seconds; it doubles with each further one. */
const FIRST_WAIT = 2;
const LONGEST_WAIT = 3_600;
/** The waits after attempts of which nobody knows whether the provider took the message, in seconds. */
const WAITS_UNANSWERED = [30, 300];

/** What is known of an attempt that failed, and of those before it. */
export type Failure = {
  /** Attempts so far, this one included. */
  attempts: number;
  /** Whether nobody knows if the provider took the message at this attempt, and at how many in all. */
  unanswered: boolean;
  unansweredInAll: number;
  /** What the provider asked for: at most an hour is granted. */
  retryAfterSeconds?: number | undefined;
};

/**
 * When to try again after a failed attempt. Each attempt that went unanswered may have reached the person, so there
 * are few of these, and far apart.
 * @returns whole seconds; null where it is given up
 */
export function nextDelay(failure: Failure): number | null {
  const { attempts, unanswered, unansweredInAll, retryAfterSeconds = 0 } = failure;
  const askedFor = Math.min(retryAfterSeconds, LONGEST_WAIT);
  if (attempts >= MAX_ATTEMPTS || unansweredInAll > WAITS_UNANSWERED.length) return null;
  const wait = Math.min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT);
  const patience = unanswered ? (WAITS_UNANSWERED[unansweredInAll - 1] ?? 0) : 0;
  return Math.max(wait, patience, askedFor);
}
