import { inArray } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { queueTokenReminders } from '#lib/access-tokens/reminders.ts';
import { recordExpiredAccounts } from '#lib/api-accounts/expiry/record-expired.ts';
import { queueExpiryReminders } from '#lib/api-accounts/expiry/reminders.ts';
import { queueUnusedOverview } from '#lib/api-accounts/overviews/queue-unused-overview.ts';
import { rollUpUsage } from '#lib/api-accounts/usage/roll-up.ts';
import { pruneAuditLog } from '#lib/audit/prune.ts';
import { pruneBulkJobs, resumeBulkJobs } from '#lib/bulk-jobs/maintenance.ts';
import { recordFirstUses } from '#lib/key-delivery/first-use.ts';
import { recordEndedKeys } from '#lib/key-delivery/previous-key.ts';
import { deleteExpiredSealedKeys } from '#lib/key-delivery/reveal/sealed-key.ts';
import { deleteExpiredResponses } from '#lib/management-api/idempotency.ts';
import { deleteOldReceipts } from '#lib/notifications/delivery/webhook-receipts.ts';
import { getOutboxFolder, removeDeletedFromOutbox } from '#lib/notifications/providers/outbox.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { dispatchWebhooks } from '#lib/webhooks/dispatch.ts';
import { pruneWebhookEvents } from '#lib/webhooks/prune.ts';
import { repeat } from './repeat.ts';

const INTERVAL_MS = 60 * 60 * 1_000;
const KEY_DELETION_INTERVAL_MS = 5_000;
const OUTBOX_INTERVAL_MS = 60_000;
const STATE_INTERVAL_MS = 10_000;
const DISPATCH_INTERVAL_MS = 1_000;

/**
 * Describes an error by the message of its cause, or by its name. The message of Drizzle's own error only repeats the
 * SQL statement.
 */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return error.cause instanceof Error ? error.cause.message : error.name;
}

/** Deletes audit events that are older than AUDIT_RETENTION_DAYS, if it is set. */
async function pruneAuditEvents(database: Database, stopSignal: AbortSignal): Promise<void> {
  const { auditRetentionDays } = settings();
  if (auditRetentionDays === null) return;
  await pruneAuditLog(database, auditRetentionDays, { stopped: stopSignal }).catch((error: unknown) =>
    log.warn('worker.audit_not_pruned', { reason: describeError(error) }),
  );
}

/** Queues the reminders of expiries, of accounts and access tokens, and the overview of unused accounts that are due. */
async function queueReminders(database: Database, stopSignal: AbortSignal): Promise<void> {
  await queueExpiryReminders(database, { stopped: stopSignal })
    .then(() => queueUnusedOverview(database))
    .then(() => queueTokenReminders(database))
    .catch((error: unknown) => log.warn('worker.reminders_not_queued', { reason: describeError(error) }));
}

/**
 * Runs the maintenance immediately and then every hour: rolls up usage, deletes old webhook receipts, responses, webhook
 * events, bulk jobs and audit events, and queues bulk jobs that were interrupted, and reminders.
 * Needs no queue and no lock: several workers may run it at the same time, and the next run completes a failed one.
 * @returns `stop`, which waits until the current run has stopped
 */
export function startMaintenance(database: Database, intervalMs = INTERVAL_MS): { stop(): Promise<void> } {
  return repeat(
    (stopSignal) =>
      rollUpUsage(database, { stopped: stopSignal })
        .catch((error: unknown) => log.warn('worker.roll_up_failed', { reason: describeError(error) }))
        .then(() => deleteOldReceipts(database))
        .catch((error: unknown) => log.warn('worker.receipts_not_deleted', { reason: describeError(error) }))
        .then(() => deleteExpiredResponses(database))
        .catch((error: unknown) => log.warn('worker.responses_not_deleted', { reason: describeError(error) }))
        .then(() => pruneWebhookEvents(database))
        .catch((error: unknown) => log.warn('worker.webhooks_not_pruned', { reason: describeError(error) }))
        .then(() => pruneBulkJobs(database))
        .then(() => resumeBulkJobs(database))
        .catch((error: unknown) =>
          log.warn('worker.bulk_jobs_not_maintained', { reason: describeError(error) }),
        )
        .then(() => pruneAuditEvents(database, stopSignal))
        .then(() => queueReminders(database, stopSignal)),
    intervalMs,
  );
}

/** Repeats a task that may fail. Of consecutive failures, only the first one is logged. */
function repeatAndLog(
  task: () => Promise<void>,
  failureEvent: string,
  intervalMs: number,
): { stop(): Promise<void> } {
  let isFailing = false;
  const tryTask = async () => {
    try {
      await task();
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn(failureEvent, { reason: describeError(error) });
      isFailing = true;
    }
  };
  return repeat(tryTask, intervalMs);
}

/** Finds those of the messages that were not deleted with their account or user. */
async function findExistingMessages(database: Database, ids: string[]): Promise<Set<string>> {
  const rows = await database.select({ id: messages.id }).from(messages).where(inArray(messages.id, ids));
  return new Set(rows.map(({ id }) => id));
}

/**
 * Removes the messages of deleted accounts from the outbox, immediately and then every minute. Does nothing if the database
 * is not in the same data folder as the outbox.
 * @returns `stop`, which waits until the current run has stopped
 */
export function startOutboxErasure(
  database: Database,
  intervalMs = OUTBOX_INTERVAL_MS,
): { stop(): Promise<void> } {
  const erase = async () => {
    const { isEmbedded, dataFolder } = settings();
    if (!isEmbedded) return;
    await removeDeletedFromOutbox(getOutboxFolder(dataFolder), (ids) => findExistingMessages(database, ids));
  };
  return repeatAndLog(erase, 'worker.outbox_not_erased', intervalMs);
}

/**
 * Deletes sealed keys within seconds after they expired. A key that is not deleted yet is no longer shown.
 * @returns `stop`, which waits until the current run has stopped
 */
export const startSealedKeyDeletion = (database: Database, intervalMs = KEY_DELETION_INTERVAL_MS) =>
  repeatAndLog(() => deleteExpiredSealedKeys(database), 'worker.sealed_keys_not_deleted', intervalMs);

/**
 * Records within seconds what no use case does: the ends of previous keys, the first uses of new ones, and that accounts
 * have expired. The verifiers act on them by themselves.
 * @returns `stop`, which waits until the current run has stopped
 */
export const startStateRecording = (database: Database, intervalMs = STATE_INTERVAL_MS) =>
  repeatAndLog(
    async () => {
      await recordEndedKeys(database);
      await recordFirstUses(database);
      await recordExpiredAccounts(database);
    },
    'worker.states_not_recorded',
    intervalMs,
  );

/**
 * Queues jobs for webhooks that are due.
 * @returns `stop`, which waits until the current run has stopped
 */
export const startWebhookDispatch = (database: Database, queue: PgBoss, intervalMs = DISPATCH_INTERVAL_MS) =>
  repeatAndLog(() => dispatchWebhooks(database, queue), 'worker.webhooks_not_dispatched', intervalMs);
