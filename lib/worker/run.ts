import { PgBoss } from 'pg-boss';
import { z } from 'zod';
import { connectDatabase } from '#db/client.ts';
import { type MessageJob, QUEUES } from '#db/queues.ts';
import { abandonMessage } from '#lib/notifications/delivery/attempt.ts';
import { monotonicClock } from '#lib/notifications/queue/monotonic-clock.ts';
import { queueFor } from '#lib/notifications/queue/queue-message.ts';
import { log } from '#lib/platform/log.ts';
import { startMaintenance } from './maintenance.ts';
import { startSmsOutcomePolling } from './poll-sms-outcomes.ts';
import { sendMessage } from './send-message.ts';
import { WORKER_TIMING, type WorkerTiming } from './timing.ts';

const jobSchema = z.object({ messageId: z.uuid() });

/** How long a stop waits for attempts in progress. Each ends within 5 seconds by its own timeout. */
const STOP_TIMEOUT_MS = 10_000;
/**
 * Concurrent attempts per queue. SMS are sent one at a time: SMS providers have no idempotency keys, and a killed
 * worker then leaves at most one SMS that may be sent twice.
 */
const CONCURRENCY = { [QUEUES.email]: 4, [QUEUES.sms]: 1, [QUEUES.failed]: 1 };

type Handler = (messageId: string) => Promise<void>;
type Queue = keyof typeof CONCURRENCY;

/** Runs a handler for one job. Replaces its errors, because pg-boss stores a thrown error in the job in full. */
async function handle(queue: Queue, data: unknown, handler: Handler): Promise<void> {
  const { messageId } = jobSchema.parse(data);
  try {
    await handler(messageId);
  } catch (error) {
    log.warn('worker.message_not_sent', {
      queue,
      messageId,
      reason: error instanceof Error ? error.name : '',
    });
    throw new Error('The message was not sent; its row tells why.');
  }
}

/** Starts the pg-boss instance that fetches jobs. */
async function startQueue(databaseUrl: string, superviseSeconds: number): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'stagedoor worker',
    max: 6,
    migrate: false,
    schedule: false,
    useListenNotify: true,
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
  queue: Queue,
  handler: Handler,
  pollSeconds: number,
): Promise<void> {
  const polling = { pollingIntervalSeconds: pollSeconds, notifyPollingIntervalSeconds: pollSeconds };
  const workerId = await boss.work<MessageJob>(queue, { batchSize: 1, ...polling }, async ([job]) => {
    if (!job) return;
    await handle(queue, job.data, handler);
    boss.notifyWorker(workerId);
  });
}

/**
 * Starts the worker, which sends queued messages, polls SMS outcomes and does periodic maintenance.
 *
 * Any number of workers may share a database. A killed worker loses nothing: another one, or the restarted one,
 * retries its messages.
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
  const boss = await startQueue(databaseUrl, timing.superviseSeconds);
  const sender = await queueFor(database.$client);
  const handleQueue = async (queue: Queue, handler: Handler) => {
    for (let worker = 0; worker < CONCURRENCY[queue]; worker += 1)
      await startQueueWorker(boss, queue, handler, timing.pollSeconds);
  };
  const send = (messageId: string) => sendMessage(database, sender, messageId, timing);
  await handleQueue(QUEUES.email, send);
  await handleQueue(QUEUES.sms, send);
  await handleQueue(QUEUES.failed, (messageId) => abandonMessage(database, messageId));
  const maintenance = startMaintenance(database);
  const polling = startSmsOutcomePolling(database);
  return {
    async stop() {
      const queue = boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
      await Promise.all([queue, maintenance.stop(), polling.stop()]);
      await close();
    },
  };
}
