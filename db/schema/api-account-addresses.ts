import { sql } from 'drizzle-orm';
import { boolean, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';

/**
 * The IP addresses from which requests with an account's keys were allowed, or refused because of the account's networks.
 * The verifiers write at most about 100 of each kind, and the worker deletes them 30 days after the last request. Without
 * a foreign key, as in `api_account_usage`.
 */
export const apiAccountAddresses = pgTable(
  'api_account_addresses',
  {
    accountId: uuid('account_id').notNull(),
    /** Whether the requests were allowed. An address may have a row of each kind. */
    allowed: boolean('allowed').notNull(),
    /** In canonical form. */
    ipAddress: text('address').notNull(),
    /** Time of a recent request: at most 10 minutes before the last one. */
    lastSeenAt: timestamptz('last_seen_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.allowed, table.ipAddress] }),
    // Serves the list of accounts that need attention. Few addresses are refused.
    index('api_account_addresses_refused')
      .on(table.lastSeenAt, table.accountId)
      .where(sql`not ${table.allowed}`),
  ],
);
