import type { Database } from '#db/client.ts';
import { rollUpUsage } from '#lib/api-accounts/usage/roll-up.ts';
import { pruneAuditLog } from '#lib/audit/prune.ts';
import { deleteOldReceipts } from '#lib/notifications/delivery/sweep-receipts.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';

const EVERY_MS = 60 * 60 * 1_000;

/** Drizzle's own error repeats the statement; its cause says what was wrong. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return error.cause instanceof Error ? error.cause.message : error.name;
}

/** Throws old entries of the audit log away, where AUDIT_RETENTION_DAYS says so. */
async function pruneAudit(database: Database, stopped: AbortSignal): Promise<void> {
  const { auditRetentionDays } = settings();
  if (auditRetentionDays === null) return;
  await pruneAuditLog(database, auditRetentionDays, { stopped }).catch((error: unknown) =>
    log.warn('worker.audit_not_pruned', { reason: reasonOf(error) }),
  );
}

/**
 * Does the worker's upkeep now and once an hour. It needs no queue and no lock: where several workers do it at
 * once, each does a part, and a run that failed or was killed is made good by the next.
 * @returns stops it, once the statement that runs is done
 */
export function startUpkeep(database: Database, everyMs = EVERY_MS): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const run = () =>
    rollUpUsage(database, { stopped: stopping.signal })
      .catch((error: unknown) => log.warn('worker.roll_up_failed', { reason: reasonOf(error) }))
      .then(() => deleteOldReceipts(database))
      .catch((error: unknown) => log.warn('worker.sweep_failed', { reason: reasonOf(error) }))
      .then(() => pruneAudit(database, stopping.signal));
  let running = run();
  const timer = setInterval(() => {
    running = running.then(run);
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await running;
    },
  };
}
