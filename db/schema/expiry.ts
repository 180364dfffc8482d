import { sql } from 'drizzle-orm';
import { boolean, check, date, index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { apiAccounts } from './api-accounts.ts';
import { timestamptz } from './columns.ts';

/** How long API accounts work by default, and at most. The table has one row, or none while accounts need not expire. */
export const expiryPolicy = pgTable(
  'expiry_policy',
  {
    id: text('id').primaryKey().default('only'),
    /** Days after which a new account expires, if the administrator chooses nothing else. Null: `max_days`. */
    defaultDays: integer('default_days'),
    /** For how many days an expiry may be set. Null: without a limit. */
    maxDays: integer('max_days'),
    /** Increases with each change, to detect edit conflicts. */
    version: integer('version').notNull().default(1),
    updatedAt: timestamptz('updated_at').notNull().defaultNow(),
    updatedBy: uuid('updated_by').notNull(),
  },
  (table) => [
    check('expiry_policy_only', sql`${table.id} = 'only'`),
    check('expiry_policy_max_days', sql`${table.maxDays} between 1 and 3650`),
    check(
      'expiry_policy_default_days',
      sql`${table.defaultDays} between 1 and 3650 and (${table.maxDays} is null or ${table.defaultDays} <= ${table.maxDays})`,
    ),
  ],
);

/** An email to each administrator that lists API accounts or access tokens. */
export const overviews = pgTable(
  'overviews',
  {
    id: uuid('id').primaryKey(),
    /** `expiry`: accounts that expire soon, `token`: access tokens that do, at most one a day. `unused`: unused accounts, at most one a week. */
    kind: text('kind', { enum: ['expiry', 'unused', 'token'] }).notNull(),
    /** The day, or the Monday of the week, in the organisation's time zone. */
    period: date('period').notNull(),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
  },
  (table) => [
    unique('overviews_period').on(table.kind, table.period),
    check('overviews_kind', sql`${table.kind} in ('expiry', 'unused', 'token')`),
  ],
);

/** Reminders of the expiry of an account: at most one for each expiry and number of days. */
export const expiryReminders = pgTable(
  'expiry_reminders',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => apiAccounts.id, { onDelete: 'cascade' }),
    /** The expiry that it is about. Once the account has another one, it is no longer sent. */
    expiresAt: timestamptz('expires_at').notNull(),
    /** How many days before the last day it is due: 30, 7, 1 or 0. */
    daysBefore: integer('days_before').notNull(),
    /** Whether no email is sent, because the account was created with less time than that. */
    isSkipped: boolean('is_skipped').notNull().default(false),
    /** The overview for administrators that lists it. Null: the next one. */
    overviewId: uuid('overview_id').references(() => overviews.id, { onDelete: 'cascade' }),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
  },
  (table) => [
    unique('expiry_reminders_once').on(table.accountId, table.expiresAt, table.daysBefore),
    // Few wait for an overview.
    index('expiry_reminders_unlisted')
      .on(table.accountId)
      .where(sql`${table.overviewId} is null and not ${table.isSkipped}`),
    check('expiry_reminders_days_before', sql`${table.daysBefore} in (30, 7, 1, 0)`),
  ],
);
