/** The queues. A job's data is the id of a row of `messages`, so no job holds a secret or an address. */
export const QUEUES = {
  email: 'send-email',
  sms: 'send-text',
  failed: 'failed-messages',
} as const;

export type MessageTask = { messageId: string };

/** 15 tries: after a second or two, then after twice as long each time, at most an hour. Given up after some four hours. */
const RETRIES = { retryLimit: 14, retryDelay: 1, retryBackoff: true, retryDelayMax: 3_600 };

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
