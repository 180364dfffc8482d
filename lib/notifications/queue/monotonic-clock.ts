import { type Clock, systemClock } from 'pg-boss';

/**
 * A monotonic clock for pg-boss. If the system clock were used and set back, polling would stop until the clock reaches
 * the old time again, because pg-boss would compute a negative duration of the poll.
 */
export const monotonicClock: Clock = {
  ...systemClock,
  now: () => performance.timeOrigin + performance.now(),
};
