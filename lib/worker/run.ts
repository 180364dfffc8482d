import { PgBoss } from 'pg-boss';
import { z } from 'zod';
import { connectDatabase } from '#db/client.ts';
import { type MessageJob, QUEUES } from '#db/queues.ts';
import { markFailed } from '#lib/notifications/delivery/finish-attempt.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import { monotonicClock } from '#lib/notifications/queue/monotonic-clock.ts';
import { log } from '#lib/platform/log.ts';
import { followTexts } from './follow-texts.ts';
import { sendMessage } from './send-message.ts';
import { WORKER_TIMING, type WorkerTiming } from './timing.ts';
import { startUpkeep } from './upkeep.ts';

const taskSchema = z.object({ messageId: z.uuid() });

/** How long a stop waits for messages that are being sent; each gives up after 5 seconds by itself. */
const STOP_TIMEOUT_MS = 10_000;
/**
 * How many messages a worker sends at the same time. Texts go one by one: a worker that is killed leaves at most one
 * of which nobody knows whether it went out, and no key tells the provider that it is the same again.
 */
const CONCURRENCY = { [QUEUES.email]: 4, [QUEUES.sms]: 1, [QUEUES.failed]: 1 };

type Handler = (messageId: string) => Promise<void>;
type Queue = keyof typeof CONCURRENCY;

/** Runs a handler for one job. What it throws is replaced: pg-boss writes a thrown error whole into the job. */
async function handle(queue: Queue, data: unknown, handler: Handler): Promise<void> {
  const { messageId } = taskSchema.parse(data);
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

/** The queue as a worker uses it. */
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
  boss.on('error', (error) => log.warn('worker.queue', { message: error.message }));
  await boss.start();
  return boss;
}

/**
 * Starts the worker: it sends the messages that the queue holds, and rolls up counts, until it is stopped.
 *
 * Any number of workers may run on the same database. One that is killed loses nothing: its messages are
 * taken up again by another, or by itself when it is back.
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
  const work = (queue: Queue, handler: Handler) =>
    boss.work<MessageJob>(
      queue,
      {
        batchSize: 1,
        localConcurrency: CONCURRENCY[queue],
        pollingIntervalSeconds: timing.pollSeconds,
        notifyPollingIntervalSeconds: timing.pollSeconds,
      },
      async ([job]) => job && handle(queue, job.data, handler),
    );
  const send = (messageId: string) => sendMessage(database, sender, messageId, timing);
  await work(QUEUES.email, send);
  await work(QUEUES.sms, send);
  await work(QUEUES.failed, (messageId) => markFailed(database, messageId));
  const upkeep = startUpkeep(database);
  const following = followTexts(database);
  return {
    async stop() {
      const queue = boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
      await Promise.all([queue, upkeep.stop(), following.stop()]);
      await close();
    },
  };
}
