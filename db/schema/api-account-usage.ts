import { bigint, date, integer, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

// None of these refers to the accounts' table by a foreign key: checking one locks the account's row, so that
// counting and editing would wait for each other.

/** When each account's key last opened the verifier. Apart from the account, so that no act waits for a count. */
export const apiAccountUsage = pgTable('api_account_usage', {
  accountId: uuid('account_id').primaryKey(),
  lastUsedAt: instant('last_used_at').notNull(),
});

/** How often the verifiers answered for an account in a minute; older ones are rolled up into days. */
export const apiAccountMinutes = pgTable(
  'api_account_minutes',
  {
    accountId: uuid('account_id').notNull(),
    /** The minute's beginning. */
    minute: instant('minute').notNull(),
    /** Answered 200. */
    allowed: integer('allowed').notNull().default(0),
    /** Answered 403: the right key while the account was not active. */
    inactive: integer('inactive').notNull().default(0),
    /** Answered 429: over the account's limit. */
    limited: integer('limited').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.minute] })],
);

/** The same for whole days in UTC, rolled up from minutes after a month. */
export const apiAccountDays = pgTable(
  'api_account_days',
  {
    accountId: uuid('account_id').notNull(),
    day: date('day').notNull(),
    allowed: bigint('allowed', { mode: 'number' }).notNull().default(0),
    inactive: bigint('inactive', { mode: 'number' }).notNull().default(0),
    limited: bigint('limited', { mode: 'number' }).notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.day] })],
);

/** The last flush of counts of each verifier process: a flush that is sent again is counted once. */
export const usageFlushes = pgTable('usage_flushes', {
  /** Made anew by each process. */
  writer: uuid('writer').primaryKey(),
  flush: integer('flush').notNull(),
  at: instant('at').notNull().defaultNow(),
});
