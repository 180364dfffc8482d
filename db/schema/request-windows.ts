import { integer, pgTable, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';

/**
 * Requests of the current minute that the verifiers have leased for each account with a limit. Unlogged (see the
 * migration), so there is no WAL traffic, and a crash of the database resets the counts.
 */
export const requestWindows = pgTable('request_windows', {
  accountId: uuid('account_id').primaryKey(),
  minute: timestamptz('minute').notNull(),
  leased: integer('leased').notNull(),
});
