import { PgBoss } from 'pg-boss';
import { z } from 'zod';
import { connectDatabase, type Database } from '#db/client.ts';
import { createClientConfig, isPooled } from '#db/client-config.ts';
import { type BulkJob, type MessageJob, QUEUES, type WebhookJob } from '#db/queues.ts';
import { runBulkJob } from '#lib/bulk-jobs/run.ts';
import { abandonMessage } from '#lib/notifications/delivery/attempt.ts';
import { loadEmailSender } from '#lib/notifications/email/send-email.ts';
import { monotonicClock } from '#lib/notifications/queue/monotonic-clock.ts';
import { queueBulkJob } from '#lib/notifications/queue/queue-bulk-job.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { loadSmsSender } from '#lib/notifications/sms/send-sms.ts';
import { log } from '#lib/platform/log.ts';
import { deliverWebhook } from '#lib/webhooks/deliver.ts';
import { dispatchWebhooks } from '#lib/webhooks/dispatch.ts';
import {
  startMaintenance,
  startOutboxErasure,
  startSealedKeyDeletion,
  startStateRecording,
  startWebhookDispatch,
} from './maintenance.ts';
import { startSmsOutcomePolling } from './poll-sms-outcomes.ts';
import { sendMessage } from './send-message.ts';
import { WORKER_TIMING, type WorkerTiming } from './timing.ts';

const jobSchema = z.object({ messageId: z.uuid() });
const webhookJobSchema = z.object({ deliveryId: z.uuid() });
const bulkJobSchema = z.object({ bulkJobId: z.uuid() });

/** How long `stop` waits for attempts in progress. A provider has 5 seconds to respond. */
const STOP_TIMEOUT_MS = 10_000;
/**
 * Concurrent jobs per queue. SMS are sent one at a time: SMS providers have no idempotency keys, so a killed worker
 * leaves at most one SMS that may be sent twice.
 */
const CONCURRENCY = { [QUEUES.email]: 4, [QUEUES.sms]: 1, [QUEUES.failed]: 1 };
/** Concurrent deliveries of webhooks. Each endpoint gets only some of them (`lib/webhooks/dispatch.ts`). */
const WEBHOOK_CONCURRENCY = 8;
/** Bulk jobs that a worker continues at a time. The others take turns with them. */
const BULK_JOB_CONCURRENCY = 2;

type Handler = (messageId: string) => Promise<void>;
type QueueName = keyof typeof CONCURRENCY;

/**
 * Runs the handler of one job. Replaces the handler's error, because pg-boss stores a thrown error in the job in full.
 */
async function runJob(queueName: QueueName, data: unknown, handler: Handler): Promise<void> {
  const { messageId } = jobSchema.parse(data);
  try {
    await handler(messageId);
  } catch (error) {
    log.warn('worker.message_not_sent', {
      queue: queueName,
      messageId,
      reason: error instanceof Error ? error.name : '',
    });
    throw new Error(
      'The job failed. The log event worker.message_not_sent has the message id and the reason.',
    );
  }
}

/** Reports whether LISTEN works. Without it, jobs are found by polling, up to a second later. */
async function canListen(database: Database): Promise<boolean> {
  const client = await database.$client.connect();
  try {
    return !(await isPooled(client));
  } finally {
    client.release();
  }
}

/** Starts the pg-boss instance that fetches jobs, with its own connections. */
async function startPgBoss(
  databaseUrl: string,
  { superviseSeconds, useListenNotify }: { superviseSeconds: number; useListenNotify: boolean },
): Promise<PgBoss> {
  const boss = new PgBoss({
    ...createClientConfig(databaseUrl, 'stagedoor worker'),
    max: 6,
    migrate: false,
    schedule: false,
    useListenNotify,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    clock: monotonicClock,
  });
  boss.on('error', (error) => log.warn('worker.queue_error', { message: error.message }));
  await boss.start();
  return boss;
}

/**
 * Starts one pg-boss worker, which runs one job at a time. pg-boss fetches one job per poll, so after each job the
 * worker wakes itself up: otherwise an email would wait behind many others, such as reports to all administrators.
 * After an error it waits for the next poll.
 */
async function startQueueWorker(
  boss: PgBoss,
  queueName: QueueName,
  handler: Handler,
  pollSeconds: number,
): Promise<void> {
  const polling = { pollingIntervalSeconds: pollSeconds, notifyPollingIntervalSeconds: pollSeconds };
  const workerId = await boss.work<MessageJob>(queueName, { batchSize: 1, ...polling }, async ([job]) => {
    if (!job) return;
    await runJob(queueName, job.data, handler);
    boss.notifyWorker(workerId);
  });
}

/**
 * Starts the workers that deliver webhooks. After each delivery, the next ones of its endpoint are queued immediately.
 */
async function startWebhookWorkers(
  boss: PgBoss,
  database: Database,
  queue: PgBoss,
  pollSeconds: number,
): Promise<void> {
  await boss.work<WebhookJob>(
    QUEUES.webhooks,
    {
      batchSize: 1,
      localConcurrency: WEBHOOK_CONCURRENCY,
      pollingIntervalSeconds: pollSeconds,
      notifyPollingIntervalSeconds: pollSeconds,
    },
    async ([job]) => {
      const { deliveryId } = webhookJobSchema.parse(job?.data);
      try {
        await deliverWebhook(database, queue, deliveryId);
        await dispatchWebhooks(database, queue);
      } catch (error) {
        const reason = error instanceof Error ? error.name : '';
        log.warn('worker.webhook_not_delivered', { deliveryId, reason });
      }
    },
  );
}

/**
 * Starts the workers that continue bulk jobs. A job that is not finished is queued again, so that the others get their
 * turn. A killed worker's job is retried by the queue.
 */
async function startBulkJobWorkers(
  boss: PgBoss,
  database: Database,
  { queue, pollSeconds, stopSignal }: { queue: PgBoss; pollSeconds: number; stopSignal: AbortSignal },
): Promise<void> {
  const polling = { pollingIntervalSeconds: pollSeconds, notifyPollingIntervalSeconds: pollSeconds };
  const options = { batchSize: 1, localConcurrency: BULK_JOB_CONCURRENCY, ...polling };
  await boss.work<BulkJob>(QUEUES.bulkJobs, options, async ([job]) => {
    const { bulkJobId } = bulkJobSchema.parse(job?.data);
    try {
      const delaySeconds = await runBulkJob(database, bulkJobId, stopSignal);
      if (delaySeconds !== null) await queueBulkJob(database, queue, { bulkJobId }, delaySeconds);
    } catch (error) {
      const reason = error instanceof Error ? error.name : '';
      log.warn('worker.bulk_job_interrupted', { bulkJobId, reason });
      throw new Error(
        'The bulk job was interrupted. The log event worker.bulk_job_interrupted has the reason.',
      );
    }
  });
}

/**
 * Starts the worker, which sends queued messages, delivers webhooks, runs bulk jobs, polls SMS outcomes and does periodic
 * maintenance.
 *
 * Any number of workers may share a database. A killed worker loses no message: another worker, or the same one after
 * its restart, retries its jobs.
 * @returns `stop`, which waits for the attempts in progress
 */
export async function startWorker({
  databaseUrl,
  timing = WORKER_TIMING,
}: {
  databaseUrl: string;
  timing?: WorkerTiming | undefined;
}): Promise<{ stop(): Promise<void> }> {
  const { database, close } = connectDatabase(databaseUrl, (error) =>
    log.warn('worker.connection_lost', { message: error.message }),
  );
  const boss = await startPgBoss(databaseUrl, {
    superviseSeconds: timing.superviseSeconds,
    useListenNotify: await canListen(database),
  });
  const queue = await getQueue(database.$client);
  const handleJobs = async (queueName: QueueName, handler: Handler) => {
    for (let workers = 0; workers < CONCURRENCY[queueName]; workers += 1)
      await startQueueWorker(boss, queueName, handler, timing.pollSeconds);
  };
  // Before the attempt: on a busy machine, loading the provider's SDK for the first message takes longer than an attempt
  // may take to prepare, so the attempt would be deferred.
  const createSend = (loadSender: () => Promise<unknown>) => async (messageId: string) => {
    await loadSender();
    await sendMessage(database, queue, messageId, timing);
  };
  await handleJobs(QUEUES.email, createSend(loadEmailSender));
  await handleJobs(QUEUES.sms, createSend(loadSmsSender));
  await handleJobs(QUEUES.failed, (messageId) => abandonMessage(database, messageId));
  await startWebhookWorkers(boss, database, queue, timing.pollSeconds);
  const stopController = new AbortController();
  const { signal: stopSignal } = stopController;
  await startBulkJobWorkers(boss, database, { queue, pollSeconds: timing.pollSeconds, stopSignal });
  const maintenance = startMaintenance(database);
  const keyDeletion = startSealedKeyDeletion(database);
  const outboxErasure = startOutboxErasure(database);
  const stateRecording = startStateRecording(database);
  const webhookDispatch = startWebhookDispatch(database, queue);
  const polling = startSmsOutcomePolling(database);
  return {
    async stop() {
      stopController.abort();
      const bossStopped = boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
      await Promise.all([
        bossStopped,
        maintenance.stop(),
        keyDeletion.stop(),
        outboxErasure.stop(),
        stateRecording.stop(),
        webhookDispatch.stop(),
        polling.stop(),
      ]);
      await close();
    },
  };
}
