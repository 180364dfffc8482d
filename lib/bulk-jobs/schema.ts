import { z } from 'zod';
import type { BulkJobError, bulkJobItems, bulkJobs } from '#db/schema/bulk-jobs.ts';
import { ACCOUNT_TABS } from '#lib/api-accounts/list-filter.ts';
import { newApiAccountSchema, oldKeySchema } from '#lib/api-accounts/schema.ts';
import { exportFormatSchema } from '#lib/audit/schema.ts';
import { normalizeSearch } from '#lib/platform/user-input/name.ts';
import { IMPORT_PART_BYTES, MAX_ACCOUNTS, MAX_IMPORT_PARTS, MAX_SELECTED } from './limits.ts';

/** The reasons for which rows of an import failed, in a file that can be imported again. As in the command line client. */
export const ERROR_COLUMN = 'error';
/** As in the list, but strict: a malformed filter must not select all accounts. */
const filterSchema = z.strictObject({
  search: z.string().transform((text) => normalizeSearch(text).slice(0, 200)),
  status: z.enum(ACCOUNT_TABS),
});

/** The accounts of a job: these, or all that the list shows. */
export const selectionSchema = z.union([
  z.strictObject({ ids: z.array(z.uuid()).min(1).max(MAX_SELECTED) }),
  z.strictObject({ filter: filterSchema }),
]);

const { expiresAt, scopes, requestsPerMinute } = newApiAccountSchema.shape;

/** What a job does with each account, and the new values. */
export const bulkChangeSchema = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal('resend') }),
  z.strictObject({ operation: z.literal('deactivate') }),
  z.strictObject({ operation: z.literal('activate') }),
  z.strictObject({ operation: z.literal('reset'), oldKey: oldKeySchema }),
  z.strictObject({ operation: z.literal('set_expiry'), expiresAt: expiresAt.unwrap() }),
  z.strictObject({ operation: z.literal('set_scopes'), scopes: scopes.unwrap() }),
  z.strictObject({ operation: z.literal('set_limit'), requestsPerMinute: requestsPerMinute.unwrap() }),
]);

/** An export of accounts that were selected one by one. */
export const exportSelectedSchema = z.strictObject({
  ids: z.array(z.uuid()).min(1).max(MAX_SELECTED),
  format: exportFormatSchema,
});

export const startBulkJobSchema = z.strictObject({
  /** Made by the browser, so that a repeated request starts no second job. */
  id: z.uuid(),
  selection: selectionSchema,
  change: bulkChangeSchema,
  /** The number of accounts that the administrator has confirmed. */
  count: z.int().min(1).max(MAX_ACCOUNTS),
});

/**
 * `all`: creates every account, or none if a row has errors by then. `valid`: creates the accounts of the rows without
 * errors.
 */
export const IMPORT_MODES = ['all', 'valid'] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];

export const startImportSchema = z.strictObject({ id: z.uuid(), mode: z.enum(IMPORT_MODES) });
export const bulkJobIdSchema = z.strictObject({ id: z.uuid() });

export const importPartSchema = z.strictObject({
  id: z.uuid(),
  part: z
    .int()
    .min(0)
    .max(MAX_IMPORT_PARTS - 1),
  /** Base64. */
  content: z
    .base64()
    .min(1)
    .max(Math.ceil(IMPORT_PART_BYTES / 3) * 4),
});
export const finishUploadSchema = z.strictObject({
  id: z.uuid(),
  parts: z.int().min(1).max(MAX_IMPORT_PARTS),
});

export type Selection = z.infer<typeof selectionSchema>;
export type BulkChange = z.infer<typeof bulkChangeSchema>;
export type BulkOperation = BulkChange['operation'];
export type StartBulkJob = z.infer<typeof startBulkJobSchema>;
export type StartImport = z.infer<typeof startImportSchema>;

type JobRow = typeof bulkJobs.$inferSelect;
export type JobOperation = JobRow['operation'];
export type ItemState = (typeof bulkJobItems.$inferSelect)['state'];

export const ITEM_STATES = ['unchecked', 'pending', 'invalid', 'done', 'failed'] as const;

/** A job as its page shows it. */
export type BulkJobView = Pick<
  JobRow,
  'id' | 'operation' | 'options' | 'state' | 'stopReason' | 'total' | 'createdAt' | 'endedAt' | 'waitingUntil'
> & {
  /** Null if the user no longer exists. */
  createdBy: string | null;
  counts: Record<ItemState, number>;
};

/** The items that a page of the results shows. */
export const ITEM_VIEWS = ['all', 'problems'] as const;
export type ItemView = (typeof ITEM_VIEWS)[number];
export const itemViewSchema = z.enum(ITEM_VIEWS).catch('all');

/** An account of a job, or a row of an import, as the page shows it. */
export type BulkJobItemView = {
  position: number;
  state: ItemState;
  /** Null if there is none yet, or if it was deleted more than 30 days ago. */
  username: string | null;
  /** Null if it was not created, or was deleted. */
  accountId: string | null;
  errors: BulkJobError[];
  note: string | null;
};
