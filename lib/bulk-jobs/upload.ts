import { and, count, eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { bulkJobs } from '#db/schema/bulk-jobs.ts';
import { importParts } from '#db/schema/import-parts.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { queueBulkJob } from '#lib/notifications/queue/queue-bulk-job.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';

/** Begins an import, whose file the browser then uploads in parts. A repeated request with the same id begins no second one. */
export async function beginImport(
  database: Database,
  { userId: createdBy, ipAddress }: Administrator,
  { id }: { id: string },
): Promise<{ ok: true; id: string }> {
  // The administrator authenticates when they start it.
  const values = { id, operation: 'import', state: 'uploading', hasRecentAuth: false, total: 0 } as const;
  await database
    .insert(bulkJobs)
    .values({ ...values, createdBy, ipAddress })
    .onConflictDoNothing();
  return { ok: true, id };
}

/** Matches an import that this administrator is uploading. */
const isUploading = (id: string, { userId }: Administrator) =>
  and(eq(bulkJobs.id, id), eq(bulkJobs.state, 'uploading'), eq(bulkJobs.createdBy, userId));

/**
 * Stores a part of the file, in base64. A repeated request replaces it.
 * @returns false if there is no such upload
 */
export async function storeImportPart(
  database: Database,
  administrator: Administrator,
  { id, part, content }: { id: string; part: number; content: string },
): Promise<boolean> {
  return withTransaction(database, async (transaction) => {
    const uploads = await transaction
      .select({ id: bulkJobs.id })
      .from(bulkJobs)
      .where(isUploading(id, administrator))
      .for('share');
    if (uploads.length === 0) return false;
    const bytes = Buffer.from(content, 'base64');
    await transaction
      .insert(importParts)
      .values({ jobId: id, part, content: bytes })
      .onConflictDoUpdate({ target: [importParts.jobId, importParts.part], set: { content: bytes } });
    return true;
  });
}

export type FinishUploadResult = { ok: true } | { ok: false; reason: 'incomplete' };

/** Ends the upload, if all parts have arrived. The worker then reads the rows and checks them. */
export async function finishUpload(
  database: Database,
  administrator: Administrator,
  { id, parts }: { id: string; parts: number },
): Promise<FinishUploadResult> {
  const queue = await getQueue(database.$client);
  return withTransaction(database, async (transaction): Promise<FinishUploadResult> => {
    const [stored] = await transaction
      .select({ parts: count() })
      .from(importParts)
      .where(eq(importParts.jobId, id));
    if (stored?.parts !== parts) return { ok: false, reason: 'incomplete' };
    const updated = await transaction
      .update(bulkJobs)
      .set({ state: 'checking' })
      .where(isUploading(id, administrator))
      .returning({ id: bulkJobs.id });
    if (updated.length === 0) return { ok: false, reason: 'incomplete' };
    await queueBulkJob(transaction, queue, { bulkJobId: id });
    return { ok: true };
  });
}

/** Reads the parts of a file, one after the other. */
export async function* readImportParts(database: Database, jobId: string): AsyncGenerator<Uint8Array> {
  for (let next = 0; ; next += 1) {
    const [row] = await database
      .select({ content: importParts.content })
      .from(importParts)
      .where(and(eq(importParts.jobId, jobId), eq(importParts.part, next)));
    if (!row) return;
    yield row.content;
  }
}
