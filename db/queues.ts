/** Names of the queues. A job contains only the id of a row: no secret and no email address. */
export const QUEUES = {
  email: 'send-email',
  sms: 'send-sms',
  failed: 'failed-messages',
  webhooks: 'deliver-webhooks',
  bulkJobs: 'run-bulk-jobs',
} as const;

/** Former names of queues, and their current names. `migrate` moves the jobs and deletes the old queues. */
export const FORMER_QUEUES = { 'send-text': 'send-sms' };

export type MessageJob = { messageId: string };
export type WebhookJob = { deliveryId: string };
export type BulkJob = { bulkJobId: string };

/**
 * Retries a job whose worker was killed or could not reach the database: with exponential backoff of at most a minute,
 * for about a quarter of an hour. If a provider fails, the job does not fail: the next attempt is a new job
 * (`lib/notifications/delivery/attempt.ts`).
 */
const RETRY_OPTIONS = { retryLimit: 20, retryDelay: 1, retryBackoff: true, retryDelayMax: 60 };

/**
 * A worker sends heartbeats for its job. If none arrives for `heartbeatSeconds`, or the job takes longer than
 * `expireInSeconds`, the job is retried. pg-boss's minimum for `heartbeatSeconds` is 10.
 */
const HEARTBEAT_OPTIONS = { heartbeatSeconds: 10, expireInSeconds: 60 };

/** Queues with their options for pg-boss 12, in the order of creation: a dead letter queue must exist first. */
export const QUEUE_OPTIONS = [
  { name: QUEUES.failed, options: { retryLimit: 20, retryDelay: 5, retryBackoff: true, notify: true } },
  {
    name: QUEUES.email,
    options: { ...RETRY_OPTIONS, ...HEARTBEAT_OPTIONS, deadLetter: QUEUES.failed, notify: true },
  },
  {
    name: QUEUES.sms,
    options: { ...RETRY_OPTIONS, ...HEARTBEAT_OPTIONS, deadLetter: QUEUES.failed, notify: true },
  },
  {
    name: QUEUES.webhooks,
    // Without retries, because the worker queues a job for each delivery that is due (`lib/webhooks/dispatch.ts`).
    options: { retryLimit: 0, ...HEARTBEAT_OPTIONS, deleteAfterSeconds: 3_600, notify: true },
  },
  {
    name: QUEUES.bulkJobs,
    options: {
      ...RETRY_OPTIONS,
      heartbeatSeconds: HEARTBEAT_OPTIONS.heartbeatSeconds,
      // An import that creates all accounts or none takes minutes (`lib/bulk-jobs/create-all.ts`).
      expireInSeconds: 3_600,
      notify: true,
    },
    // At most one waiting job for each bulk job, whose id is the singleton key.
    policy: 'short' as const,
  },
];
