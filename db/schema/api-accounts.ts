import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytes, timestamptz } from './columns.ts';

/**
 * API accounts. The digests of the current and the previous key and the current reveal are columns of the account, which
 * guarantees at most one of each without an index or a lock on another table.
 */
export const apiAccounts = pgTable(
  'api_accounts',
  {
    id: uuid('id').primaryKey(),
    username: text('username').notNull(),
    /** The username in Unicode NFKC, trimmed and case-folded (`foldUsername`), by which usernames are compared. */
    usernameFolded: text('username_folded').notNull().unique(),
    /** The company's current name, and what administrators noted about it. Both may be empty. */
    displayName: text('display_name').notNull().default(''),
    notes: text('notes').notNull().default(''),
    email: text('email').notNull(),
    /** E.164. */
    phone: text('phone').notNull(),
    active: boolean('active').notNull().default(true),
    /** Null: the setting REQUESTS_PER_MINUTE, or no limit if that is not set. */
    requestsPerMinute: integer('requests_per_minute'),
    /** From this time on, the account's keys are refused. Null: the account does not expire. */
    expiresAt: timestamptz('expires_at'),
    /** The expiry that the worker has recorded as passed. */
    recordedExpiry: timestamptz('recorded_expiry'),
    /** Names of its scopes, sorted. Null: full access, all scopes of the organisation. */
    scopes: text('scopes').array(),
    /** Canonical IP addresses and CIDR ranges from which its keys are allowed. Null: from anywhere. */
    allowedNetworks: text('allowed_networks').array(),
    /** Increases with each edit of the contact details, access or `active`, to detect edit conflicts. */
    version: integer('version').notNull().default(1),
    /** SHA-256 of the current key. Null until a key is revealed, and again after a reset. */
    keyDigest: bytes('key_digest').unique(),
    keyGeneratedAt: timestamptz('key_generated_at'),
    /** Whether the worker has still to record the first use of the current key. */
    isFirstUseAwaited: boolean('is_first_use_awaited').notNull().default(false),
    /** The current reveal, which may set the next key. Every other reveal of the account is invalid. */
    revealId: uuid('reveal_id'),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    createdBy: uuid('created_by'),
    updatedAt: timestamptz('updated_at').notNull().defaultNow(),
    updatedBy: uuid('updated_by'),
    /** SHA-256 of the previous key, if a reset let it work for longer. Null once it has ended. */
    previousKeyDigest: bytes('previous_key_digest'),
    /** When the previous key ends at the latest. It may be in the past until the worker records the end. */
    previousKeyExpiresAt: timestamptz('previous_key_expires_at'),
    /** What ends the previous key earlier: that the new key is collected or first used. Null: only its time does. */
    previousKeyEndsOn: text('previous_key_ends_on', { enum: ['collection', 'first_use'] }),
    /** When a verifier ended the previous key, because the new one was used. Null once the worker has recorded that. */
    previousKeyEndedAt: timestamptz('previous_key_ended_at'),
  },
  (table) => [
    check('api_accounts_key_digest_length', sql`octet_length(${table.keyDigest}) = 32`),
    check('api_accounts_previous_key_digest_length', sql`octet_length(${table.previousKeyDigest}) = 32`),
    check(
      'api_accounts_previous_key_expiry',
      sql`${table.previousKeyExpiresAt} is not null or coalesce(${table.previousKeyDigest}::text, ${table.previousKeyEndsOn}, ${table.previousKeyEndedAt}::text) is null`,
    ),
    check('api_accounts_allowed_networks', sql`cardinality(${table.allowedNetworks}) between 1 and 50`),
    check('api_accounts_phone_e164', sql`${table.phone} ~ '^\\+[1-9][0-9]{6,14}$'`),
    check('api_accounts_requests_per_minute', sql`${table.requestsPerMinute} between 1 and 1000000`),
    // Few accounts have a previous key at a time, so both are small.
    uniqueIndex('api_accounts_previous_key_digest')
      .on(table.previousKeyDigest)
      .where(sql`${table.previousKeyDigest} is not null`),
    index('api_accounts_previous_key_expiry')
      .on(table.previousKeyExpiresAt)
      .where(sql`${table.previousKeyExpiresAt} is not null`),
    // Each serves one order of the list, with the id as a tie-break.
    index('api_accounts_email').on(table.email, table.id),
    index('api_accounts_phone').on(table.phone, table.id),
    index('api_accounts_created').on(table.createdAt, table.id),
    // Accounts that do not expire are at the end of time.
    index('api_accounts_expires').on(sql`coalesce(${table.expiresAt}, 'infinity'::timestamptz)`, table.id),
    // Each serves a tab of the list and its count.
    index('api_accounts_active')
      // The expiry, because an expired account is in another tab.
      .on(table.usernameFolded, table.expiresAt)
      .where(sql`${table.active} and ${table.keyDigest} is not null`),
    index('api_accounts_expiry')
      .on(table.expiresAt)
      .where(sql`${table.active} and ${table.expiresAt} is not null`),
    // Few keys have been collected and not been used.
    index('api_accounts_first_use').on(table.id).where(sql`${table.isFirstUseAwaited}`),
    index('api_accounts_inactive').on(table.usernameFolded).where(sql`not ${table.active}`),
  ],
);
