import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { apiAccounts } from './api-accounts.ts';
import { timestamptz } from './columns.ts';

/**
 * Changes of an account's email address or phone number. The previous email address is notified, and the recipient can
 * report an unauthorised change.
 */
export const contactChanges = pgTable(
  'contact_changes',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => apiAccounts.id, { onDelete: 'cascade' }),
    at: timestamptz('at').notNull().defaultNow(),
    changedBy: uuid('changed_by').notNull(),
    oldEmail: text('old_email').notNull(),
    newEmail: text('new_email').notNull(),
    oldPhone: text('old_phone').notNull(),
    newPhone: text('new_phone').notNull(),
    /** When the recipient of the notice reported the change as unauthorised. */
    reportedAt: timestamptz('reported_at'),
    /** When an administrator resolved the report, and which one. */
    resolvedAt: timestamptz('resolved_at'),
    resolvedBy: uuid('resolved_by'),
  },
  (table) => [
    index('contact_changes_account').on(table.accountId, table.at),
    // Find the accounts that need attention.
    index('contact_changes_time').on(table.at),
    index('contact_changes_open_reports')
      .on(table.accountId)
      .where(sql`${table.reportedAt} is not null and ${table.resolvedAt} is null`),
    check('contact_changes_resolved', sql`(${table.resolvedAt} is null) = (${table.resolvedBy} is null)`),
    check('contact_changes_reported', sql`${table.resolvedAt} is null or ${table.reportedAt} is not null`),
  ],
);
