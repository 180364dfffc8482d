import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';

const OPERATIONS = [
  'resend',
  'deactivate',
  'activate',
  'reset',
  'set_expiry',
  'set_scopes',
  'set_limit',
  'import',
] as const;

/** Changes of many accounts that the worker makes one after the other, and imports. Deleted 30 days after their end. */
export const bulkJobs = pgTable(
  'bulk_jobs',
  {
    id: uuid('id').primaryKey(),
    operation: text('operation', { enum: OPERATIONS }).notNull(),
    /** The new values, or how an import is done. */
    options: jsonb('options').$type<Record<string, unknown>>().notNull().default({}),
    /**
     * The first three are of imports: the worker checks the rows once they are uploaded, then an administrator starts it or
     * not. `stopped`: it ended early, for `stopReason`.
     */
    state: text('state', {
      enum: ['uploading', 'checking', 'ready', 'running', 'done', 'cancelled', 'stopped'],
    }).notNull(),
    stopReason: text('stop_reason', { enum: ['not_administrator', 'unreadable', 'not_all_valid'] }),
    /** While it waits for the daily limit of text messages: when that starts again. */
    waitingUntil: timestamptz('waiting_until'),
    /** The administrator on whose behalf it runs, and the IP address, for the audit log. */
    createdBy: uuid('created_by').notNull(),
    ipAddress: text('ip_address').notNull(),
    /** Whether the administrator had recently authenticated when they started it. */
    hasRecentAuth: boolean('has_recent_auth').notNull(),
    /** The columns of an imported file, in its order; null for other jobs. */
    columns: text('columns').array(),
    total: integer('total').notNull(),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    endedAt: timestamptz('ended_at'),
  },
  (table) => [
    index('bulk_jobs_created').on(table.createdAt),
    check(
      'bulk_jobs_operation',
      sql`${table.operation} in ('resend', 'deactivate', 'activate', 'reset', 'set_expiry', 'set_scopes', 'set_limit', 'import')`,
    ),
    check(
      'bulk_jobs_state',
      sql`${table.state} in ('uploading', 'checking', 'ready', 'running', 'done', 'cancelled', 'stopped')`,
    ),
    check(
      'bulk_jobs_ended',
      sql`(${table.endedAt} is not null) = (${table.state} in ('done', 'cancelled', 'stopped'))`,
    ),
    check('bulk_jobs_stop_reason', sql`(${table.stopReason} is not null) = (${table.state} = 'stopped')`),
  ],
);

/** What is wrong with a row or an account. `column`: that of an import; null if it is about the whole row. */
export type BulkJobError = { column: string | null; detail: string };

/** The accounts of a bulk job, or the rows of an import, with their results. */
export const bulkJobItems = pgTable(
  'bulk_job_items',
  {
    jobId: uuid('job_id')
      .notNull()
      .references(() => bulkJobs.id, { onDelete: 'cascade' }),
    /** From 1, in the order of the usernames; the row of the file, in which the header is row 1. */
    position: integer('position').notNull(),
    /**
     * `unchecked`, `pending` and `invalid` precede the work. Of a job that has ended, the pending ones were not tried.
     */
    state: text('state', { enum: ['unchecked', 'pending', 'invalid', 'done', 'failed'] }).notNull(),
    /** Without a foreign key, because the result outlives the account. Null for a row whose account was not created yet. */
    accountId: uuid('account_id'),
    /** The account as it was when the job was started: it is not changed if another actor did so meanwhile. */
    version: integer('version'),
    revealId: uuid('reveal_id'),
    hasKey: boolean('has_key'),
    /** The cells of an imported row. Null once its account was created, because the account has them then. */
    cells: text('cells').array(),
    /** Finds rows with the same username. */
    usernameFolded: text('username_folded'),
    errors: jsonb('errors').$type<BulkJobError[]>(),
    /** What to know about an item that was done, such as that its text message was not sent. */
    note: text('note'),
  },
  (table) => [
    primaryKey({ columns: [table.jobId, table.position] }),
    // Serves the search for the next items, their counts, and the pages of the result.
    index('bulk_job_items_state').on(table.jobId, table.state, table.position),
    index('bulk_job_items_username')
      .on(table.jobId, table.usernameFolded, table.position)
      .where(sql`${table.usernameFolded} is not null`),
    check(
      'bulk_job_items_state',
      sql`${table.state} in ('unchecked', 'pending', 'invalid', 'done', 'failed')`,
    ),
    check(
      'bulk_job_items_errors',
      sql`(${table.errors} is not null) = (${table.state} in ('invalid', 'failed'))`,
    ),
  ],
);
