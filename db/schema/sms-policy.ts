import { sql } from 'drizzle-orm';
import { check, date, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';

/** Allowed countries and daily limits of SMS. The table has one row, or none while the defaults apply. */
export const smsPolicy = pgTable(
  'sms_policy',
  {
    id: text('id').primaryKey().default('only'),
    /** Countries that are allowed besides the organisation's. ISO 3166-1 alpha-2. */
    countries: text('countries').array().notNull(),
    /** Daily limits (in UTC) for the installation and for one account. */
    perDay: integer('per_day').notNull(),
    perAccountPerDay: integer('per_account_per_day').notNull(),
    /** Increases with each change, to detect edit conflicts. */
    version: integer('version').notNull().default(1),
    updatedAt: timestamptz('updated_at').notNull().defaultNow(),
    updatedBy: uuid('updated_by').notNull(),
  },
  (table) => [
    check('sms_policy_only', sql`${table.id} = 'only'`),
    check('sms_policy_per_day', sql`${table.perDay} between 0 and 100000`),
    check('sms_policy_per_account', sql`${table.perAccountPerDay} between 0 and 1000`),
  ],
);

/** SMS per day (in UTC): for the installation (scope `all`) and for each account (its id). */
export const smsCounts = pgTable(
  'sms_counts',
  {
    scope: text('scope').notNull(),
    day: date('day').notNull(),
    queued: integer('queued').notNull().default(0),
    /** SMS that the policy blocked. */
    refused: integer('refused').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.scope, table.day] })],
);
