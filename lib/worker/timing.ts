import { LEASE_SECONDS } from '#lib/notifications/delivery/attempt.ts';
import { RESPONSE_TIMEOUT_MS } from '#lib/notifications/providers/send-result.ts';

/** Timeouts and intervals of a worker. */
export type WorkerTiming = {
  /** The provider's response timeout. */
  responseTimeoutMs: number;
  /**
   * How long an attempt may take before it calls the provider; after that it is deferred. Together with
   * `responseTimeoutMs` it is shorter than the lease, so the lease lasts until the response.
   */
  preparationTimeoutMs: number;
  /** Length of an attempt's exclusive lease on its message. */
  leaseSeconds: number;
  /** Interval of the search for jobs whose worker was killed. pg-boss accepts whole seconds. */
  superviseSeconds: number;
  /** Interval of polls for jobs without a notification. pg-boss accepts 0.5 or more. */
  pollSeconds: number;
};

/** A job whose worker was killed is retried after about 12 seconds, at most 15. */
export const WORKER_TIMING: WorkerTiming = {
  responseTimeoutMs: RESPONSE_TIMEOUT_MS,
  preparationTimeoutMs: 4_500,
  leaseSeconds: LEASE_SECONDS,
  superviseSeconds: 2,
  pollSeconds: 1,
};
