import { type Clock, systemClock } from 'pg-boss';

/**
 * A monotonic clock for pg-boss. With the system clock, a queue stops polling after the clock is set back, until it
 * reaches the old time again: pg-boss computes a negative duration of the poll.
 */
export const monotonicClock: Clock = {
  ...systemClock,
  now: () => performance.timeOrigin + performance.now(),
};
