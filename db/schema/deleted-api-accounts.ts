import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';

/**
 * API accounts that were deleted, without their contact details. The rows stay, because the audit log shows the
 * usernames. For 30 days after `deleted_at`, administrators can see the account, and its username cannot be used again.
 */
export const deletedApiAccounts = pgTable(
  'deleted_api_accounts',
  {
    id: uuid('id').primaryKey(),
    username: text('username').notNull(),
    /** As in `api_accounts`. Not unique: the username may be used and deleted again. */
    usernameFolded: text('username_folded').notNull(),
    createdAt: timestamptz('created_at').notNull(),
    createdBy: uuid('created_by'),
    deletedAt: timestamptz('deleted_at').notNull().defaultNow(),
    deletedBy: uuid('deleted_by').notNull(),
  },
  (table) => [
    index('deleted_api_accounts_username').on(table.usernameFolded),
    index('deleted_api_accounts_time').on(table.deletedAt),
  ],
);
