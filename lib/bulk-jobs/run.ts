import { setTimeout as delay } from 'node:timers/promises';
import { and, asc, eq, notExists, sql } from 'drizzle-orm';
import type { Database, Queryable, Transaction } from '#db/client.ts';
import { bulkJobItems, bulkJobs } from '#db/schema/bulk-jobs.ts';
import { users } from '#db/schema/users.ts';
import { withSharedTransaction } from '#db/with-transaction.ts';
import { readSmsUsage } from '#lib/notifications/sms/read-usage.ts';
import { type Administrator, brandAdministrator } from '#lib/platform/authorization/roles.ts';
import { log } from '#lib/platform/log.ts';
import { checkImport } from './check.ts';
import { createAllAccounts, hasUncreated } from './create-all.ts';
import { keepFromCancelling } from './lock.ts';
import {
  changeAccount,
  createImportedAccount,
  deliverImportedAccount,
  type ItemResult,
} from './operations.ts';
import { bulkChangeSchema } from './schema.ts';

/** Items that are worked on at a time. Few, because the messages need the worker's connections, too. */
const LANES = 2;
/** For how long one run works, so that long jobs take turns with others. */
const RUN_MS = 30_000;
/** How often an item is tried if it fails for an unknown reason. */
const MAX_ATTEMPTS = 3;
/** While the daily limit of text messages is reached, tries so often, because an administrator may raise it. */
const LIMIT_POLL_SECONDS = 60;
/** While another worker has the last items. */
const OTHER_WORKER_SECONDS = 5;

const UNKNOWN_ERROR = 'Something went wrong on the server. Try again with another job.';

type Job = Pick<
  typeof bulkJobs.$inferSelect,
  'id' | 'operation' | 'options' | 'state' | 'createdBy' | 'ipAddress' | 'hasRecentAuth' | 'columns'
>;

/** What a run needs. `isStopping`: whether the worker stops, or the run has taken long enough. */
type Run = { database: Database; job: Job; isStopping: () => boolean };

/** Undoes an item, because today's limit of text messages is reached: it is done tomorrow. */
class SmsLimitReachedError extends Error {
  readonly resetsAt: Date;

  constructor(resetsAt: Date) {
    super('the daily limit of text messages is reached');
    this.resetsAt = resetsAt;
  }
}

async function readJob(database: Queryable, id: string): Promise<Job | undefined> {
  const { operation, options, state, createdBy, ipAddress, hasRecentAuth, columns } = bulkJobs;
  const selected = {
    id: bulkJobs.id,
    operation,
    options,
    state,
    createdBy,
    ipAddress,
    hasRecentAuth,
    columns,
  };
  const [job] = await database.select(selected).from(bulkJobs).where(eq(bulkJobs.id, id));
  return job;
}

/** Reads the administrator on whose behalf a job runs; null if they were deactivated or lost their role. */
async function readJobAdministrator(database: Database, job: Job): Promise<Administrator | null> {
  const { id, name, email, role } = users;
  const [user] = await database
    .select({ userId: id, name, email, role })
    .from(users)
    .where(and(eq(id, job.createdBy), eq(users.active, true)));
  const { ipAddress, hasRecentAuth } = job;
  // A job has no session, and the administrator could start it only with the second factor that is required.
  return user
    ? brandAdministrator({ ...user, sessionId: '', ipAddress, hasRecentAuth, isMfaSetupRequired: false })
    : null;
}

/** Reports whether a job runs, and keeps it from being cancelled until the transaction ends. */
async function lockRunningJob(transaction: Transaction, id: string): Promise<boolean> {
  await keepFromCancelling(transaction, id);
  return (await readJob(transaction, id))?.state === 'running';
}

const isPending = (job: Job) => and(eq(bulkJobItems.jobId, job.id), eq(bulkJobItems.state, 'pending'));
const isItem = (job: Job, position: number) =>
  and(eq(bulkJobItems.jobId, job.id), eq(bulkJobItems.position, position));

/** Locks the next item that no other lane or worker has. */
async function claimItem(transaction: Transaction, job: Job) {
  const [item] = await transaction
    .select()
    .from(bulkJobItems)
    .where(isPending(job))
    .orderBy(asc(bulkJobItems.position))
    .limit(1)
    .for('update', { skipLocked: true });
  return item;
}

type Item = NonNullable<Awaited<ReturnType<typeof claimItem>>>;

/** Does what the job does with one item. */
async function perform(
  database: Database,
  administrator: Administrator,
  job: Job,
  item: Item,
): Promise<ItemResult> {
  const { accountId, cells } = item;
  if (job.operation === 'import') {
    if (accountId !== null) return deliverImportedAccount(database, administrator, accountId);
    const row = { columns: job.columns ?? [], cells: cells ?? [] };
    return createImportedAccount(database, administrator, row);
  }
  if (accountId === null) throw new Error('the item of a job has no account');
  const change = bulkChangeSchema.parse({ operation: job.operation, ...job.options });
  return changeAccount(database, administrator, { ...item, accountId }, change);
}

/** Finds out when text messages can be sent again; undefined if today's limit for all accounts is not reached. */
async function findSmsReset(transaction: Transaction): Promise<Date | undefined> {
  const { queued, perDay, resetsAt } = await readSmsUsage(transaction);
  // With a limit of 0, texts are turned off, and waiting changes nothing.
  return perDay > 0 && queued >= perDay ? resetsAt : undefined;
}

/**
 * Works on the next item, in one transaction with its result. So a killed worker leaves the item either done, with its
 * result, or as it was.
 * @param claimed is passed the position of the item, in case of an error
 * @returns whether there was one
 */
async function runNextItem(
  { database, job }: Run,
  administrator: Administrator,
  claimed: (position: number) => void,
): Promise<boolean> {
  return withSharedTransaction(database, async (shared, transaction) => {
    if (!(await lockRunningJob(transaction, job.id))) return false;
    const item = await claimItem(transaction, job);
    if (!item) return false;
    claimed(item.position);
    const { isSmsBlocked = false, ...result } = await perform(shared, administrator, job, item);
    const resetsAt = isSmsBlocked ? await findSmsReset(transaction) : undefined;
    if (resetsAt) throw new SmsLimitReachedError(resetsAt);
    await transaction
      .update(bulkJobItems)
      // A new account has what was imported.
      .set({ ...result, ...(result.state === 'done' && { cells: null }) })
      .where(isItem(job, item.position));
    return true;
  });
}

/** Ends an item that failed several times for an unknown reason, so that the job can go on. */
async function abandonItem({ database, job }: Run, position: number, error: unknown): Promise<void> {
  const reason = error instanceof Error ? error.name : '';
  log.warn('bulk_job.item_failed', { bulkJobId: job.id, position, reason });
  await database
    .update(bulkJobItems)
    .set({ state: 'failed', errors: [{ column: null, detail: UNKNOWN_ERROR }] })
    .where(and(isItem(job, position), eq(bulkJobItems.state, 'pending')));
}

/** Why a lane has ended. A date: when text messages can be sent again. */
type LaneEnd = 'no_items' | 'stopping' | 'not_administrator' | Date;

/** Works on one item after the other. */
async function runLane(run: Run, attempts: Map<number, number>): Promise<LaneEnd> {
  while (!run.isStopping()) {
    // For each item, because an administrator who loses the role must not change anything any more.
    const administrator = await readJobAdministrator(run.database, run.job);
    if (!administrator) return 'not_administrator';
    let claimed: number | undefined;
    try {
      const hasRun = await runNextItem(run, administrator, (position) => {
        claimed = position;
      });
      if (!hasRun) return 'no_items';
    } catch (error) {
      if (error instanceof SmsLimitReachedError) return error.resetsAt;
      // Without an item, the database cannot be reached: the queue tries again later.
      if (claimed === undefined) throw error;
      const count = (attempts.get(claimed) ?? 0) + 1;
      attempts.set(claimed, count);
      if (count >= MAX_ATTEMPTS) await abandonItem(run, claimed, error);
      else await delay(100 * 2 ** count);
    }
  }
  return 'stopping';
}

/** Ends a job whose items are all done. @returns whether it has ended, now or before */
async function finish({ database, job }: Run): Promise<boolean> {
  await database
    .update(bulkJobs)
    .set({ state: 'done', endedAt: sql`now()`, waitingUntil: null })
    .where(
      and(
        eq(bulkJobs.id, job.id),
        eq(bulkJobs.state, 'running'),
        notExists(
          database.select({ position: bulkJobItems.position }).from(bulkJobItems).where(isPending(job)),
        ),
      ),
    );
  return (await readJob(database, job.id))?.state !== 'running';
}

/** Ends a job early. */
async function stopJob(
  { database, job }: Run,
  stopReason: NonNullable<(typeof bulkJobs.$inferSelect)['stopReason']>,
): Promise<void> {
  await database
    .update(bulkJobs)
    .set({ state: 'stopped', stopReason, endedAt: sql`now()`, waitingUntil: null })
    .where(and(eq(bulkJobs.id, job.id), eq(bulkJobs.state, job.state)));
}

const setWaiting = ({ database, job }: Run, waitingUntil: Date | null) =>
  database
    .update(bulkJobs)
    .set({ waitingUntil })
    .where(and(eq(bulkJobs.id, job.id), eq(bulkJobs.state, 'running')));

/** Works on all items. @returns in how many seconds to go on; null if the job has ended */
async function runItems(run: Run): Promise<number | null> {
  const attempts = new Map<number, number>();
  const lanes = Array.from({ length: LANES }, () => runLane(run, attempts));
  // Waits for all of them, also if one fails.
  await Promise.allSettled(lanes);
  const ends = await Promise.all(lanes);
  if (ends.includes('not_administrator')) {
    await stopJob(run, 'not_administrator');
    return null;
  }
  const resetsAt = ends.find((end) => end instanceof Date);
  if (resetsAt) {
    await setWaiting(run, resetsAt);
    return LIMIT_POLL_SECONDS;
  }
  if (await finish(run)) return null;
  await setWaiting(run, null);
  return ends.includes('stopping') ? 0 : OTHER_WORKER_SECONDS;
}

/**
 * Continues a bulk job for a while. Several workers may do so at the same time, and a killed one leaves nothing half-done:
 * each item is committed together with its result.
 * @param stopSignal aborted when the worker stops
 * @returns in how many seconds the job must be continued; null if it need not
 */
export async function runBulkJob(
  database: Database,
  bulkJobId: string,
  stopSignal: AbortSignal,
  runMs = RUN_MS,
): Promise<number | null> {
  const job = await readJob(database, bulkJobId);
  if (job?.state !== 'checking' && job?.state !== 'running') return null;
  const endsAt = performance.now() + runMs;
  const run: Run = {
    database,
    job,
    isStopping: () => stopSignal.aborted || performance.now() > endsAt,
  };
  const administrator = await readJobAdministrator(database, job);
  if (!administrator) {
    await stopJob(run, 'not_administrator');
    return null;
  }
  if (job.state === 'checking')
    return (await checkImport(database, administrator, job, run.isStopping)) ? null : 0;
  if (job.options.mode === 'all' && (await hasUncreated(database, job.id))) {
    // Only the worker's stop ends it early: half of the accounts would be none.
    const result = await createAllAccounts(database, job, {
      readAdministrator: () => readJobAdministrator(database, job),
      isStopping: () => stopSignal.aborted,
    });
    if (result !== 'created') return result === 'ended' ? null : OTHER_WORKER_SECONDS;
  }
  return runItems(run);
}
