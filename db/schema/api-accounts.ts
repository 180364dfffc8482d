import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, instant } from './columns.ts';

/**
 * One row for each API account. Its one live key (as a digest) and its one present reveal are columns
 * of the row, so that "at most one" needs neither an index nor a lock on another table.
 */
export const apiAccounts = pgTable(
  'api_accounts',
  {
    id: uuid('id').primaryKey(),
    username: text('username').notNull(),
    /** NFC, trimmed, case-folded: unique. */
    usernameFolded: text('username_folded').notNull().unique(),
    email: text('email').notNull(),
    /** E.164. */
    phone: text('phone').notNull(),
    active: boolean('active').notNull().default(true),
    /** Null: the settings' REQUESTS_PER_MINUTE, or no limit where that is not set either. */
    requestsPerMinute: integer('requests_per_minute'),
    /** Goes up with each change by an administrator; what an editor saw when it was opened. */
    version: integer('version').notNull().default(1),
    /** SHA-256 of the present key; null until a key has been shown, and again after a reset. */
    keyDigest: bytes('key_digest').unique(),
    keyMintedAt: instant('key_minted_at'),
    /** The reveal that may set the next key. Any other reveal of the account is dead. */
    revealId: uuid('reveal_id'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    updatedBy: uuid('updated_by'),
  },
  (table) => [
    check('api_accounts_key_digest_length', sql`octet_length(${table.keyDigest}) = 32`),
    check('api_accounts_phone_e164', sql`${table.phone} ~ '^\\+[1-9][0-9]{6,14}$'`),
    check('api_accounts_requests_per_minute', sql`${table.requestsPerMinute} between 1 and 1000000`),
    index('api_accounts_email').on(table.email),
  ],
);
