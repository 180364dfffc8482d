import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { apiAccounts } from './api-accounts.ts';
import { timestamptz } from './columns.ts';

/**
 * API keys and access tokens that worked when they were reported as leaked, and were revoked for that. A leak is that of
 * the account's current state as long as the account has the same reveal: the next reset starts another one.
 */
export const leaks = pgTable(
  'leaks',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id').references(() => apiAccounts.id, { onDelete: 'cascade' }),
    /** The key of the account that leaked. */
    key: text('key', { enum: ['current', 'previous'] }),
    /** The account's reveal at that time; null if it had none. */
    revealId: uuid('reveal_id'),
    /** Without a foreign key, because access tokens are never deleted. */
    accessTokenId: uuid('access_token_id'),
    /** `page`: a person, on the page for leaked keys. `api`: a program. `github`: GitHub, which signed the report. */
    source: text('source', { enum: ['page', 'api', 'github'] }).notNull(),
    /** Where it was found, as the report says: without credentials, query and fragment. Null if it does not say that. */
    url: text('url'),
    at: timestamptz('at').notNull().defaultNow(),
  },
  (table) => [
    index('leaks_account').on(table.accountId),
    check('leaks_subject', sql`(${table.accountId} is null) <> (${table.accessTokenId} is null)`),
    check(
      'leaks_key',
      sql`(${table.accountId} is null) = (${table.key} is null) and ${table.key} in ('current', 'previous')`,
    ),
    check('leaks_source', sql`${table.source} in ('page', 'api', 'github')`),
    check('leaks_url_length', sql`length(${table.url}) <= 500`),
  ],
);
