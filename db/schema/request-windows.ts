import { integer, pgTable, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/**
 * How many requests of the present minute the verifiers have taken for each account that has a limit. Unlogged
 * (the migration says so): a crash of the database begins every minute anew, and nothing is written twice.
 */
export const requestWindows = pgTable('request_windows', {
  accountId: uuid('account_id').primaryKey(),
  minute: instant('minute').notNull(),
  taken: integer('taken').notNull(),
});
