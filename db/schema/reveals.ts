import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { apiAccounts } from './api-accounts.ts';
import { instant } from './columns.ts';

/**
 * One row for each hand-over of a key: a link by email and codes by text. Neither the link's token nor a
 * code is here: both are derived from the id, the generation and AUTH_SECRET.
 */
export const reveals = pgTable(
  'reveals',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => apiAccounts.id, { onDelete: 'cascade' }),
    /** Where the link went, and the codes go: the account's when the reveal was started. */
    email: text('email').notNull(),
    phone: text('phone').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
    /** Which code is the present one, from 1. */
    codeGeneration: integer('code_generation').notNull().default(1),
    codeIssuedAt: instant('code_issued_at').notNull().defaultNow(),
    codeExpiresAt: instant('code_expires_at').notNull(),
    /** Tries spent on the present code. */
    codeTries: integer('code_tries').notNull().default(0),
    /** Tries spent on the link, whatever the code. */
    linkTries: integer('link_tries').notNull().default(0),
    /** How often the integrator asked for a new code. */
    newCodes: integer('new_codes').notNull().default(0),
    /** How often an administrator sent the email, or a text with a new code, again. */
    emailsSentAgain: integer('emails_sent_again').notNull().default(0),
    textsSentAgain: integer('texts_sent_again').notNull().default(0),
    /** When the email was last queued. */
    emailQueuedAt: instant('email_queued_at').notNull().defaultNow(),
    /** How often the opening of the link was written down. */
    openings: integer('openings').notNull().default(0),
    endedAt: instant('ended_at'),
    endedBecause: text('ended_because', { enum: ['shown', 'replaced', 'locked'] }),
  },
  (table) => [
    index('reveals_account').on(table.accountId),
    check('reveals_code_tries', sql`${table.codeTries} between 0 and 5`),
    check('reveals_link_tries', sql`${table.linkTries} between 0 and 25`),
    check('reveals_new_codes', sql`${table.newCodes} between 0 and 5`),
    check('reveals_emails_sent_again', sql`${table.emailsSentAgain} between 0 and 5`),
    check('reveals_texts_sent_again', sql`${table.textsSentAgain} between 0 and 5`),
    check('reveals_openings', sql`${table.openings} between 0 and 20`),
    check('reveals_ended', sql`(${table.endedAt} is null) = (${table.endedBecause} is null)`),
  ],
);
