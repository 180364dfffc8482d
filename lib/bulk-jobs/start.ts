import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Database, Queryable, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { bulkJobItems, bulkJobs } from '#db/schema/bulk-jobs.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { findExpiryError, readExpiryLimits } from '#lib/api-accounts/expiry/policy.ts';
import { describeUnusableScope, lockScopes } from '#lib/api-accounts/scopes/lock.ts';
import { buildSearchCondition } from '#lib/api-accounts/search.ts';
import { buildTabCondition } from '#lib/api-accounts/select-accounts.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { queueBulkJob } from '#lib/notifications/queue/queue-bulk-job.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { getAuditActor } from '#lib/platform/authorization/actor.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { MAX_ACCOUNTS } from './limits.ts';
import { awaitItems } from './lock.ts';
import type { BulkChange, Selection, StartBulkJob, StartImport } from './schema.ts';

export type StartBulkJobResult =
  | { ok: true; id: string }
  /** Another number of accounts matches by now. */
  | { ok: false; reason: 'changed'; count: number }
  | { ok: false; reason: 'too_many' }
  | { ok: false; reason: 'invalid'; message: string }
  | ReauthenticationRequired;

const buildSelectionCondition = (database: Queryable, selection: Selection): SQL | undefined =>
  'ids' in selection
    ? inArray(apiAccounts.id, selection.ids)
    : and(
        buildSearchCondition(selection.filter.search),
        buildTabCondition(database, selection.filter.status),
      );

/** Counts the selected accounts, exactly. Stops above the maximum of a job. */
async function countAccounts(database: Queryable, condition: SQL | undefined): Promise<number> {
  const { rows } = await database.execute<{ count: number }>(sql`
    select count(*)::int as count from (
      select from ${apiAccounts} where ${condition ?? sql`true`} limit ${MAX_ACCOUNTS + 1}) selected`);
  return rows[0]?.count ?? 0;
}

/** Counts the accounts that a job would change; null if they are too many. */
export async function countSelection(
  database: Database,
  _administrator: Administrator,
  selection: Selection,
): Promise<number | null> {
  const count = await countAccounts(database, buildSelectionCondition(database, selection));
  return count > MAX_ACCOUNTS ? null : count;
}

/** Inserts the accounts as they are now, in the order of their usernames. @returns their number */
async function insertItems(
  transaction: Transaction,
  jobId: string,
  condition: SQL | undefined,
): Promise<number> {
  const { rowCount } = await transaction.execute(sql`
    insert into ${bulkJobItems} (job_id, position, state, account_id, version, reveal_id, has_key)
      select ${jobId}::uuid, row_number() over (order by ${apiAccounts.usernameFolded}), 'pending', ${apiAccounts.id},
          ${apiAccounts.version}, ${apiAccounts.revealId}, ${apiAccounts.keyDigest} is not null
        from ${apiAccounts} where ${condition ?? sql`true`} limit ${MAX_ACCOUNTS + 1}`);
  return rowCount ?? 0;
}

/** Finds out why no account could have the new values; returns undefined if accounts can. */
async function findError(transaction: Transaction, change: BulkChange): Promise<string | undefined> {
  if (change.operation === 'set_expiry')
    return findExpiryError(await readExpiryLimits(transaction), change.expiresAt);
  if (change.operation !== 'set_scopes') return undefined;
  const unusable = await lockScopes(transaction, change.scopes ?? []);
  return unusable && describeUnusableScope(unusable);
}

/** Describes a change for the audit log, as that of one account. */
function describeChange(change: BulkChange): Record<string, unknown> {
  switch (change.operation) {
    case 'reset':
      return { oldKey: typeof change.oldKey === 'object' ? 'after_hours' : change.oldKey };
    case 'set_expiry':
      return { expiresAt: change.expiresAt };
    case 'set_scopes':
      return { scopes: change.scopes?.join(' ') ?? 'full_access' };
    case 'set_limit':
      return { requestsPerMinute: change.requestsPerMinute };
    default:
      return {};
  }
}

class CountChangedError extends Error {
  readonly count: number;

  constructor(count: number) {
    super('another number of accounts matches');
    this.count = count;
  }
}

/**
 * Starts a job that changes the selected accounts as they are now. The worker makes the changes on behalf of the
 * administrator. Requires recent authentication, except to deactivate, as for one account.
 *
 * A repeated request with the same id starts no second job.
 */
export async function startBulkJob(
  database: Database,
  administrator: Administrator,
  { id, selection, change, count }: StartBulkJob,
): Promise<StartBulkJobResult> {
  if (change.operation !== 'deactivate' && !administrator.hasRecentAuth)
    return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  const { operation, ...options } = change;
  const condition = buildSelectionCondition(database, selection);
  try {
    return await withTransaction(database, async (transaction): Promise<StartBulkJobResult> => {
      const message = await findError(transaction, change);
      if (message) return { ok: false, reason: 'invalid', message };
      const { userId: createdBy, ipAddress, hasRecentAuth } = administrator;
      const [inserted] = await transaction
        .insert(bulkJobs)
        .values({
          id,
          operation,
          options,
          state: 'running',
          createdBy,
          ipAddress,
          hasRecentAuth,
          total: count,
        })
        .onConflictDoNothing()
        .returning({ id: bulkJobs.id });
      if (!inserted) return { ok: true, id };
      const selected = await insertItems(transaction, id, condition);
      if (selected !== count) throw new CountChangedError(selected);
      recordAuditEvent(transaction, 'bulk_job.started', {
        ...getAuditActor(administrator),
        details: { bulkJobId: id, operation, apiAccounts: count, ...describeChange(change) },
      });
      await queueBulkJob(transaction, queue, { bulkJobId: id });
      return { ok: true, id };
    });
  } catch (error) {
    if (!(error instanceof CountChangedError)) throw error;
    return error.count > MAX_ACCOUNTS
      ? { ok: false, reason: 'too_many' }
      : { ok: false, reason: 'changed', count: error.count };
  }
}

export type StartImportResult =
  | { ok: true }
  /** Some rows have errors, so that not all accounts can be created. */
  | { ok: false; reason: 'not_all_valid'; count: number }
  | { ok: false; reason: 'no_valid_rows' | 'not_ready' }
  | ReauthenticationRequired;

async function countRows(transaction: Transaction, id: string, state: 'pending' | 'invalid') {
  return transaction.$count(bulkJobItems, and(eq(bulkJobItems.jobId, id), eq(bulkJobItems.state, state)));
}

/**
 * Starts an import whose rows were checked. They are checked again when their accounts are created. Requires recent
 * authentication, as the creation of one account does.
 */
export async function startImport(
  database: Database,
  administrator: Administrator,
  { id, mode }: StartImport,
): Promise<StartImportResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, async (transaction): Promise<StartImportResult> => {
    const isReady = and(eq(bulkJobs.id, id), eq(bulkJobs.state, 'ready'), eq(bulkJobs.operation, 'import'));
    const ready = await transaction.select({ id: bulkJobs.id }).from(bulkJobs).where(isReady).for('update');
    if (ready.length === 0) return { ok: false, reason: 'not_ready' };
    const invalid = await countRows(transaction, id, 'invalid');
    if (mode === 'all' && invalid > 0) return { ok: false, reason: 'not_all_valid', count: invalid };
    const apiAccounts = await countRows(transaction, id, 'pending');
    if (apiAccounts === 0) return { ok: false, reason: 'no_valid_rows' };
    const { userId: createdBy, ipAddress, hasRecentAuth } = administrator;
    await transaction
      .update(bulkJobs)
      .set({ state: 'running', options: { mode }, createdBy, ipAddress, hasRecentAuth })
      .where(isReady);
    recordAuditEvent(transaction, 'bulk_job.started', {
      ...getAuditActor(administrator),
      details: { bulkJobId: id, operation: 'import', apiAccounts },
    });
    await queueBulkJob(transaction, queue, { bulkJobId: id });
    return { ok: true };
  });
}

/** Cancels a job, or discards an import. No further account is changed once this has returned. */
export async function cancelBulkJob(
  database: Database,
  administrator: Administrator,
  { id }: { id: string },
): Promise<{ ok: true } | { ok: false; reason: 'ended' }> {
  return withTransaction(database, async (transaction) => {
    await awaitItems(transaction, id);
    const [cancelled] = await transaction
      .update(bulkJobs)
      .set({ state: 'cancelled', endedAt: sql`now()`, waitingUntil: null })
      .where(and(eq(bulkJobs.id, id), inArray(bulkJobs.state, ['uploading', 'checking', 'ready', 'running'])))
      .returning({ operation: bulkJobs.operation });
    if (!cancelled) return { ok: false, reason: 'ended' };
    recordAuditEvent(transaction, 'bulk_job.cancelled', {
      ...getAuditActor(administrator),
      details: { bulkJobId: id, operation: cancelled.operation },
    });
    return { ok: true };
  });
}
