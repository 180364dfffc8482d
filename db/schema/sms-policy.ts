import { sql } from 'drizzle-orm';
import { check, date, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** Where texts may go and how many a day. One row; until an administrator first saves it there is none, and the defaults hold. */
export const smsPolicy = pgTable(
  'text_rules',
  {
    id: text('id').primaryKey().default('only'),
    /** Besides the organisation's own: ISO 3166-1 alpha-2. */
    countries: text('countries').array().notNull(),
    /** Texts a day (in UTC) for the whole installation, and for one account. */
    perDay: integer('per_day').notNull(),
    perAccountPerDay: integer('per_account_per_day').notNull(),
    /** Goes up with each change; what an editor saw when it was opened. */
    version: integer('version').notNull().default(1),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    updatedBy: uuid('updated_by').notNull(),
  },
  (table) => [
    check('text_rules_only', sql`${table.id} = 'only'`),
    check('text_rules_per_day', sql`${table.perDay} between 0 and 100000`),
    check('text_rules_per_account', sql`${table.perAccountPerDay} between 0 and 1000`),
  ],
);

/** How many texts were queued on a day (in UTC): for the installation (scope `all`) and for each account (its id). */
export const smsCounts = pgTable(
  'text_counts',
  {
    scope: text('scope').notNull(),
    day: date('day').notNull(),
    queued: integer('queued').notNull().default(0),
    /** Refused by the rules. */
    refused: integer('refused').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.scope, table.day] })],
);
