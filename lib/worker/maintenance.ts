import type { Database } from '#db/client.ts';
import { rollUpUsage } from '#lib/api-accounts/usage/roll-up.ts';
import { pruneAuditLog } from '#lib/audit/prune.ts';
import { deleteOldReceipts } from '#lib/notifications/delivery/webhook-receipts.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';

const INTERVAL_MS = 60 * 60 * 1_000;

/** Describes an error by its cause: the message of Drizzle's own error only repeats the SQL statement. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return error.cause instanceof Error ? error.cause.message : error.name;
}

/** Deletes old audit events if AUDIT_RETENTION_DAYS is set. */
async function pruneAuditEvents(database: Database, stopSignal: AbortSignal): Promise<void> {
  const { auditRetentionDays } = settings();
  if (auditRetentionDays === null) return;
  await pruneAuditLog(database, auditRetentionDays, { stopped: stopSignal }).catch((error: unknown) =>
    log.warn('worker.audit_not_pruned', { reason: describeError(error) }),
  );
}

/**
 * Starts periodic maintenance: now and then every hour.
 * Needs no queue and no lock: several workers share the work, and the next run completes a failed one.
 * @returns `stop`, which waits for the current statement
 */
export function startMaintenance(database: Database, intervalMs = INTERVAL_MS): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const run = () =>
    rollUpUsage(database, { stopped: stopping.signal })
      .catch((error: unknown) => log.warn('worker.roll_up_failed', { reason: describeError(error) }))
      .then(() => deleteOldReceipts(database))
      .catch((error: unknown) => log.warn('worker.receipts_not_deleted', { reason: describeError(error) }))
      .then(() => pruneAuditEvents(database, stopping.signal));
  let running = run();
  const timer = setInterval(() => {
    running = running.then(run);
  }, intervalMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await running;
    },
  };
}
