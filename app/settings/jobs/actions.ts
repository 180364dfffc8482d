'use server';
import { revalidatePath } from 'next/cache';
import { exportApiAccounts } from '#lib/api-accounts/export.ts';
import { listScopeChoices } from '#lib/api-accounts/scopes/choices.ts';
import {
  bulkJobIdSchema,
  exportSelectedSchema,
  finishUploadSchema,
  importPartSchema,
  selectionSchema,
  startBulkJobSchema,
  startImportSchema,
} from '#lib/bulk-jobs/schema.ts';
import { cancelBulkJob, countSelection, startBulkJob, startImport } from '#lib/bulk-jobs/start.ts';
import { beginImport, finishUpload, storeImportPart } from '#lib/bulk-jobs/upload.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { MALFORMED_REQUEST } from '../malformed-request.ts';
import { JOBS_PATH } from './job-labels.ts';

/** Counts the accounts that a job would change (null if they are too many), and reads which values it can set. */
export async function prepareJob(input: unknown) {
  const access = await requireAdministrator('prepareJob');
  if (!access.ok) return access;
  const parsed = selectionSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const { administrator } = access;
  const [count, scopes] = await Promise.all([
    countSelection(database(), administrator, parsed.data),
    listScopeChoices(database(), administrator),
  ]);
  return { ok: true, count, scopes, timeZone: settings().organisationTimeZone } as const;
}

/** Exports accounts that were selected one by one: so few that their text is returned as a whole. */
export async function exportSelected(input: unknown) {
  const access = await requireAdministrator('exportSelected');
  if (!access.ok) return access;
  const parsed = exportSelectedSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const { ids, format } = parsed.data;
  const filter = { search: '', status: 'all', ids } as const;
  const chunks = await exportApiAccounts(database(), access.administrator, filter, format);
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return { ok: true, text } as const;
}

/** Starts a job that changes the selected accounts. */
export async function startJob(input: unknown) {
  const access = await requireAdministrator('startJob');
  if (!access.ok) return access;
  const parsed = startBulkJobSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await startBulkJob(database(), access.administrator, parsed.data);
  revalidatePath(JOBS_PATH);
  return result;
}

/** Cancels a job. */
export async function cancelJob(input: unknown) {
  const access = await requireAdministrator('cancelJob');
  if (!access.ok) return access;
  const parsed = bulkJobIdSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await cancelBulkJob(database(), access.administrator, parsed.data);
  revalidatePath(JOBS_PATH);
  return result;
}

/** Begins an import, whose file the browser then uploads. */
export async function beginImportJob(input: unknown) {
  const access = await requireAdministrator('beginImportJob');
  if (!access.ok) return access;
  const parsed = bulkJobIdSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  return beginImport(database(), access.administrator, parsed.data);
}

/** Stores a part of a file that is imported. */
export async function uploadImportPart(input: unknown) {
  const access = await requireAdministrator('uploadImportPart');
  if (!access.ok) return access;
  const parsed = importPartSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  return { ok: await storeImportPart(database(), access.administrator, parsed.data) } as const;
}

/** Ends the upload of an import, whose rows are then checked. */
export async function finishImportUpload(input: unknown) {
  const access = await requireAdministrator('finishImportUpload');
  if (!access.ok) return access;
  const parsed = finishUploadSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  return finishUpload(database(), access.administrator, parsed.data);
}

/** Starts an import whose rows were checked. */
export async function startImportJob(input: unknown) {
  const access = await requireAdministrator('startImportJob');
  if (!access.ok) return access;
  const parsed = startImportSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await startImport(database(), access.administrator, parsed.data);
  revalidatePath(JOBS_PATH);
  return result;
}
