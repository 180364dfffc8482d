import { LEASE_SECONDS } from '#lib/notifications/delivery/begin-attempt.ts';
import { RESPONSE_TIMEOUT_MS } from '#lib/notifications/providers/sent.ts';

/** The limits and intervals that a worker keeps to. */
export type WorkerTiming = {
  /** How long a provider may take to answer, in milliseconds. */
  answerWithinMs: number;
  /**
   * How long an attempt may take until the provider is called, in milliseconds. Together with `answerWithinMs` it
   * stays below the lease, so that the lease lasts until the answer.
   */
  readyWithinMs: number;
  /** How long an attempt has a message to itself, in seconds. */
  leaseSeconds: number;
  /** How often the queue looks for jobs whose worker was killed, in seconds; pg-boss takes whole ones. */
  superviseSeconds: number;
  /** How often the queue is asked for jobs that no notification announced, in seconds; pg-boss takes 0.5 or more. */
  pollSeconds: number;
};

/** With these, a job whose worker was killed is retried about 12 seconds later, 15 at most. */
export const WORKER_TIMING: WorkerTiming = {
  answerWithinMs: RESPONSE_TIMEOUT_MS,
  readyWithinMs: 4_500,
  leaseSeconds: LEASE_SECONDS,
  superviseSeconds: 2,
  pollSeconds: 1,
};
