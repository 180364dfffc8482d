import { integer, pgTable, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';

/**
 * How many requests of a minute the verifiers have leased, for each account with a rate limit. The table is unlogged (see
 * the migration): its changes are not written to the WAL, and a crash of the database empties it.
 */
export const requestWindows = pgTable('request_windows', {
  accountId: uuid('account_id').primaryKey(),
  minute: timestamptz('minute').notNull(),
  leased: integer('leased').notNull(),
});
