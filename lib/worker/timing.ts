import { LEASE_SECONDS } from '#lib/notifications/delivery/attempt.ts';
import { RESPONSE_TIMEOUT_MS } from '#lib/notifications/providers/send-result.ts';

/** Timeouts and intervals of a worker. */
export type WorkerTiming = {
  /** The provider's response timeout. */
  responseTimeoutMs: number;
  /**
   * How long an attempt may take before it calls the provider. An attempt that takes longer is deferred. The sum of
   * this and `responseTimeoutMs` is less than the lease, so the lease lasts until the response.
   */
  preparationTimeoutMs: number;
  /** Length of an attempt's lease. No other attempt to send the message begins before it ends, or a result is recorded. */
  leaseSeconds: number;
  /** Interval of the search for jobs whose worker was killed. pg-boss accepts whole seconds. */
  superviseSeconds: number;
  /** Interval of polls for jobs, in case a notification is missed. pg-boss accepts 0.5 or more. */
  pollSeconds: number;
};

/** The timing in production. The job of a killed worker is retried after 8 to 16 seconds. */
export const WORKER_TIMING: WorkerTiming = {
  responseTimeoutMs: RESPONSE_TIMEOUT_MS,
  preparationTimeoutMs: 4_500,
  leaseSeconds: LEASE_SECONDS,
  superviseSeconds: 2,
  pollSeconds: 1,
};
