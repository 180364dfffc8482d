import { integer, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { bulkJobs } from './bulk-jobs.ts';
import { bytes } from './columns.ts';

/** Parts of a CSV file that is being uploaded. Deleted once the worker has read its rows. */
export const importParts = pgTable(
  'import_parts',
  {
    jobId: uuid('job_id')
      .notNull()
      .references(() => bulkJobs.id, { onDelete: 'cascade' }),
    /** From 0. */
    part: integer('part').notNull(),
    content: bytes('content').notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.part] })],
);
