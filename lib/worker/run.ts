import { PgBoss } from 'pg-boss';
import { z } from 'zod';
import { connectDatabase, type Database } from '#db/client.ts';
import { markFailed } from '#lib/deliveries/finish-attempt.ts';
import { log } from '#lib/log.ts';
import { type MessageTask, QUEUES } from '#lib/queue/tasks.ts';
import { sendMessage } from './send-message.ts';
import { startUpkeep } from './upkeep.ts';

const taskSchema = z.object({ messageId: z.uuid() });

/** Supervising this often, a job whose worker was killed is taken again some 12 seconds later, 15 at most. */
const SUPERVISE_SECONDS = 2;
/** How long a stop waits for messages that are being sent; each gives up after 5 seconds by itself. */
const STOP_TIMEOUT_MS = 10_000;
/** How many messages of a kind a worker sends at the same time. */
const CONCURRENCY = 4;

type Handler = (database: Database, messageId: string) => Promise<void>;

/** Runs a handler for one job. What it throws is replaced: pg-boss writes a thrown error whole into the job. */
async function handle(database: Database, queue: string, data: unknown, handler: Handler): Promise<void> {
  const { messageId } = taskSchema.parse(data);
  try {
    await handler(database, messageId);
  } catch (error) {
    log.warn('worker.message_not_sent', {
      queue,
      messageId,
      reason: error instanceof Error ? error.name : '',
    });
    throw new Error('The message was not sent; its row tells why.');
  }
}

/**
 * Starts the worker: it sends the messages that the queue holds, and rolls up counts, until it is stopped.
 *
 * Any number of workers may run on the same database. One that is killed loses nothing: its messages are
 * taken up again by another, or by itself when it is back.
 */
export async function startWorker(options: { databaseUrl: string }): Promise<{ stop(): Promise<void> }> {
  const { database, close } = connectDatabase(options.databaseUrl, (error) =>
    log.warn('worker.connection_lost', { message: error.message }),
  );
  const boss = new PgBoss({
    connectionString: options.databaseUrl,
    application_name: 'stagedoor worker',
    max: 6,
    migrate: false,
    schedule: false,
    useListenNotify: true,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
  });
  boss.on('error', (error) => log.warn('worker.queue', { message: error.message }));
  await boss.start();
  const work = (queue: string, handler: Handler) =>
    boss.work<MessageTask>(
      queue,
      {
        batchSize: 1,
        localConcurrency: CONCURRENCY,
        pollingIntervalSeconds: 1,
        notifyPollingIntervalSeconds: 1,
      },
      async ([job]) => job && handle(database, queue, job.data, handler),
    );
  await work(QUEUES.email, sendMessage);
  await work(QUEUES.sms, sendMessage);
  await work(QUEUES.failed, markFailed);
  const upkeep = startUpkeep(database);
  return {
    async stop() {
      await Promise.all([boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS }), upkeep.stop()]);
      await close();
    },
  };
}
