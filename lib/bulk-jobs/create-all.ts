import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { type BulkJobError, bulkJobItems, bulkJobs } from '#db/schema/bulk-jobs.ts';
import { withSharedTransaction, withTransaction } from '#db/with-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createImportedAccount } from './operations.ts';

/** Rows that are read, and whose results are written, at a time. */
const BATCH_SIZE = 500;

type Import = { id: string; columns: string[] | null };

type Failure = { position: number; errors: BulkJobError[] };

/** Undoes all accounts. `failures`: the rows that could not be created; empty if the worker stops or the job was cancelled. */
class NotCreatedError extends Error {
  readonly failures: Failure[];

  constructor(failures: Failure[]) {
    super('the accounts were not created');
    this.failures = failures;
  }
}

const isUncreated = (jobId: string) =>
  and(eq(bulkJobItems.jobId, jobId), eq(bulkJobItems.state, 'pending'), isNull(bulkJobItems.accountId));

/** Reports whether an import has accounts that were not created yet. */
export async function hasUncreated(database: Database, jobId: string): Promise<boolean> {
  const rows = await database
    .select({ position: bulkJobItems.position })
    .from(bulkJobItems)
    .where(isUncreated(jobId))
    .limit(1);
  return rows.length > 0;
}

/** Takes the lock that lets one worker at a time create the accounts of an import. */
async function tryLock(transaction: Transaction, jobId: string): Promise<boolean> {
  const { rows } = await transaction.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${`bulk import ${jobId}`}::text, 0)) as locked`,
  );
  return rows[0]?.locked === true;
}

/** Creates the accounts of the rows after a position. @returns the last position; null if there were none */
async function createBatch(
  { shared, transaction }: { shared: Database; transaction: Transaction },
  administrator: Administrator,
  { id, columns }: Import,
  { after, failures }: { after: number; failures: Failure[] },
): Promise<number | null> {
  const rows = await transaction
    .select({ position: bulkJobItems.position, cells: bulkJobItems.cells })
    .from(bulkJobItems)
    .where(and(isUncreated(id), gt(bulkJobItems.position, after)))
    .orderBy(asc(bulkJobItems.position))
    .limit(BATCH_SIZE);
  const created: { position: number; account_id: string }[] = [];
  for (const { position, cells } of rows) {
    const row = { columns: columns ?? [], cells: cells ?? [] };
    const result = await createImportedAccount(shared, administrator, row, { startsDelivery: false });
    if (result.state === 'failed') failures.push({ position, errors: result.errors });
    else if (result.accountId) created.push({ position, account_id: result.accountId });
  }
  await transaction.execute(sql`
    update ${bulkJobItems} item set account_id = result.account_id, cells = null
      from jsonb_to_recordset(${JSON.stringify(created)}::jsonb) as result (position int, account_id uuid)
      where item.job_id = ${id} and item.position = result.position`);
  return rows.at(-1)?.position ?? null;
}

/** Reports whether an import still runs, as committed by now. */
async function isRunning(database: Database, id: string): Promise<boolean> {
  const [job] = await database.select({ state: bulkJobs.state }).from(bulkJobs).where(eq(bulkJobs.id, id));
  return job?.state === 'running';
}

/** Ends an import whose accounts were not created, with the reasons. */
async function endWithFailures(database: Database, id: string, failures: Failure[]): Promise<void> {
  await withTransaction(database, async (transaction) => {
    await transaction.execute(sql`
      update ${bulkJobItems} item set state = 'failed', errors = result.errors
        from jsonb_to_recordset(${JSON.stringify(failures)}::jsonb) as result (position int, errors jsonb)
        where item.job_id = ${id} and item.position = result.position and item.state = 'pending'`);
    await transaction
      .update(bulkJobs)
      .set({ state: 'stopped', stopReason: 'not_all_valid', endedAt: sql`now()` })
      .where(and(eq(bulkJobs.id, id), eq(bulkJobs.state, 'running')));
  });
}

/**
 * Creates all accounts of an import in one transaction, or none. Their key deliveries start afterwards, one by one: a
 * transaction that sends an SMS keeps all others from doing so.
 *
 * The transaction holds locks only on its own rows, until it appends its audit events at its end.
 * @param options.readAdministrator reads the administrator on whose behalf they are created, and whether they still may
 * @returns whether the accounts exist now; `busy` if the job has to be continued later
 */
export async function createAllAccounts(
  database: Database,
  job: Import,
  {
    readAdministrator,
    isStopping,
  }: { readAdministrator: () => Promise<Administrator | null>; isStopping: () => boolean },
): Promise<'created' | 'ended' | 'busy'> {
  try {
    return await withSharedTransaction(database, async (shared, transaction) => {
      if (!(await tryLock(transaction, job.id))) return 'busy';
      const failures: Failure[] = [];
      for (let after: number | null = 0; after !== null; ) {
        // Not in the transaction, which would not see a cancellation.
        const administrator = await readAdministrator();
        if (isStopping() || !administrator || !(await isRunning(database, job.id)))
          throw new NotCreatedError([]);
        after = await createBatch({ shared, transaction }, administrator, job, { after, failures });
      }
      if (failures.length > 0) throw new NotCreatedError(failures);
      // Fails if the import was cancelled since the last check, and makes a cancellation wait for the commit.
      const updated = await transaction
        .update(bulkJobs)
        .set({ waitingUntil: null })
        .where(and(eq(bulkJobs.id, job.id), eq(bulkJobs.state, 'running')))
        .returning({ id: bulkJobs.id });
      if (updated.length === 0) throw new NotCreatedError([]);
      return 'created';
    });
  } catch (error) {
    if (!(error instanceof NotCreatedError)) throw error;
    if (error.failures.length === 0) return (await isRunning(database, job.id)) ? 'busy' : 'ended';
    await endWithFailures(database, job.id, error.failures);
    return 'ended';
  }
}
