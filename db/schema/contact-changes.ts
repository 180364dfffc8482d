import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { apiAccounts } from './api-accounts.ts';
import { instant } from './columns.ts';

/**
 * One row for each time that an account's email address or phone number was changed. The address before is told,
 * and whoever reads there may object.
 */
export const contactChanges = pgTable(
  'address_changes',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => apiAccounts.id, { onDelete: 'cascade' }),
    at: instant('at').notNull().defaultNow(),
    changedBy: uuid('changed_by').notNull(),
    oldEmail: text('old_email').notNull(),
    newEmail: text('new_email').notNull(),
    oldPhone: text('old_phone').notNull(),
    newPhone: text('new_phone').notNull(),
    /** When somebody at the old address said "this was not us". */
    objectedAt: instant('objected_at'),
    /** When an administrator had looked into that, and who. */
    settledAt: instant('settled_at'),
    settledBy: uuid('settled_by'),
  },
  (table) => [
    index('address_changes_account').on(table.accountId, table.at),
    check('address_changes_settled', sql`(${table.settledAt} is null) = (${table.settledBy} is null)`),
    check('address_changes_objected', sql`${table.settledAt} is null or ${table.objectedAt} is not null`),
  ],
);
