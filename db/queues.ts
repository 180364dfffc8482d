/** The queues. A job's data is the id of a row of `messages`, so no job holds a secret or an address. */
export const QUEUES = {
  email: 'send-email',
  sms: 'send-text',
  failed: 'failed-messages',
} as const;

export type MessageJob = { messageId: string };

/**
 * The queue tries a job again where its worker was killed or could not reach the database: after a second or two,
 * then after twice as long each time, at most a minute; a quarter of an hour in all. Whatever a provider answers, the
 * job ends well, and the next attempt is a job of its own (`lib/notifications/delivery/attempt.ts`).
 */
const RETRIES = { retryLimit: 20, retryDelay: 1, retryBackoff: true, retryDelayMax: 60 };

/**
 * A worker that holds a job says so every few seconds; one that was killed does not, and its job is taken
 * again after `heartbeatSeconds` (10 is the least that pg-boss allows).
 */
const TAKEN_AGAIN_AFTER = { heartbeatSeconds: 10, expireInSeconds: 60 };

/** How each queue is made, in this order: a dead letter queue has to be there first. Options of pg-boss 12. */
export const QUEUE_OPTIONS = [
  { name: QUEUES.failed, options: { retryLimit: 20, retryDelay: 5, retryBackoff: true, notify: true } },
  {
    name: QUEUES.email,
    options: { ...RETRIES, ...TAKEN_AGAIN_AFTER, deadLetter: QUEUES.failed, notify: true },
  },
  {
    name: QUEUES.sms,
    options: { ...RETRIES, ...TAKEN_AGAIN_AFTER, deadLetter: QUEUES.failed, notify: true },
  },
];
