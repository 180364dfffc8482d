import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { apiAccounts } from './api-accounts.ts';
import { timestamptz } from './columns.ts';

/**
 * Changes of an account's email address or phone number. The previous address is notified, and its reader can report
 * an unauthorised change.
 */
export const contactChanges = pgTable(
  'address_changes',
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
    /** When the change was reported as unauthorised from the old address. */
    objectedAt: timestamptz('objected_at'),
    /** When an administrator resolved the report, and which one. */
    settledAt: timestamptz('settled_at'),
    settledBy: uuid('settled_by'),
  },
  (table) => [
    index('address_changes_account').on(table.accountId, table.at),
    check('address_changes_settled', sql`(${table.settledAt} is null) = (${table.settledBy} is null)`),
    check('address_changes_objected', sql`${table.settledAt} is null or ${table.objectedAt} is not null`),
  ],
);
