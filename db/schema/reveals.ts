import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { apiAccounts } from './api-accounts.ts';
import { timestamptz } from './columns.ts';

/**
 * Key deliveries: a link by email and codes by SMS or phone. The link's token and the codes are not stored: they are derived
 * from the id, the generation and AUTH_SECRET.
 */
export const reveals = pgTable(
  'reveals',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => apiAccounts.id, { onDelete: 'cascade' }),
    /** Recipients of the link and the codes: the account's contact details when the reveal was created. */
    email: text('email').notNull(),
    phone: text('phone').notNull(),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    expiresAt: timestamptz('expires_at').notNull(),
    /** Generation of the current code, from 1. */
    codeGeneration: integer('code_generation').notNull().default(1),
    codeIssuedAt: timestamptz('code_issued_at').notNull().defaultNow(),
    codeExpiresAt: timestamptz('code_expires_at').notNull(),
    /** Attempts at the current code. */
    codeAttempts: integer('code_attempts').notNull().default(0),
    /** Attempts at any code of the link. */
    linkAttempts: integer('link_attempts').notNull().default(0),
    /** New codes that the integrator requested. */
    newCodes: integer('new_codes').notNull().default(0),
    /** How often an administrator resent the email, and how often they sent an SMS with a new code. */
    emailsResent: integer('emails_resent').notNull().default(0),
    smsResent: integer('sms_resent').notNull().default(0),
    /**
     * Generation of the code that an administrator read out by phone, and the request that it was shown to. Null if none
     * was.
     */
    readOutGeneration: integer('read_out_generation'),
    readOutRequest: uuid('read_out_request'),
    /** When the email was last queued. */
    emailQueuedAt: timestamptz('email_queued_at').notNull().defaultNow(),
    /** Number of rows in `link_openings`. */
    openings: integer('openings').notNull().default(0),
    endedAt: timestamptz('ended_at'),
    /** `shown`: the integrator saw the key. `replaced`: a newer reveal started. `locked`: no attempts are left. */
    endReason: text('end_reason', { enum: ['shown', 'replaced', 'locked'] }),
  },
  (table) => [
    index('reveals_account').on(table.accountId),
    // Finds the accounts that need attention without reading the reveals that have ended well.
    index('reveals_unfinished')
      .on(table.accountId)
      .where(sql`${table.endedAt} is null or ${table.endReason} = 'locked'`),
    check('reveals_code_attempts', sql`${table.codeAttempts} between 0 and 5`),
    check('reveals_link_attempts', sql`${table.linkAttempts} between 0 and 25`),
    check('reveals_new_codes', sql`${table.newCodes} between 0 and 5`),
    check('reveals_emails_resent', sql`${table.emailsResent} between 0 and 5`),
    check('reveals_sms_resent', sql`${table.smsResent} between 0 and 5`),
    check(
      'reveals_read_out',
      sql`(${table.readOutGeneration} is null) = (${table.readOutRequest} is null)
        and ${table.readOutGeneration} <= ${table.codeGeneration}`,
    ),
    check('reveals_openings', sql`${table.openings} between 0 and 20`),
    check('reveals_ended', sql`(${table.endedAt} is null) = (${table.endReason} is null)`),
  ],
);
