import { type Clock, systemClock } from 'pg-boss';

/**
 * A clock for pg-boss that only goes forward. By the system's, a queue whose machine's clock is set back while it
 * works sleeps until the old time has come again: it counts how long a poll took as a negative number.
 */
export const monotonicClock: Clock = {
  ...systemClock,
  now: () => performance.timeOrigin + performance.now(),
};
