import { sql } from 'drizzle-orm';
import { bigint, boolean, check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, timestamptz } from './columns.ts';

/** Users who may sign in to the settings pages. */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    /** The email address as it was entered. Messages are sent to it. */
    email: text('email').notNull(),
    /** The email address in Unicode NFC, trimmed and in lower case (`foldEmail`), by which a sign-in finds the user. */
    emailFolded: text('email_folded').notNull().unique(),
    name: text('name').notNull(),
    /** An argon2id hash in PHC string format. Null if no password was set: invited, or SSO only. */
    passwordHash: text('password_hash'),
    /** When the user set the password; null if it was given to them, or there is none. */
    passwordChangedAt: timestamptz('password_changed_at'),
    /** The password has 15 or more characters, so it is enough without a second factor (NIST SP 800-63B-4, 3.1.1.2). */
    passwordAllowsSingleFactor: boolean('password_allows_single_factor').notNull().default(false),
    /** Null: the user may sign in, but sees only “Your account”. */
    role: text('role', { enum: ['settings_administrator', 'settings_viewer'] }),
    active: boolean('active').notNull().default(true),
    /** The TOTP secret (RFC 6238), encrypted with a key derived from AUTH_SECRET. */
    totpSecret: bytes('totp_secret'),
    /** When the first code was verified. Before that, the app is not a factor. */
    totpConfirmedAt: timestamptz('totp_confirmed_at'),
    /** Time step of the last accepted code, so that no code is accepted twice. */
    totpLastStep: bigint('totp_last_step', { mode: 'number' }),
    /** Increases with each edit, and if a sign-in changes the role, to detect edit conflicts. */
    version: integer('version').notNull().default(1),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    updatedAt: timestamptz('updated_at').notNull().defaultNow(),
    updatedBy: uuid('updated_by'),
    /** When the administrator hid the first-run checklist; null if they have not. */
    checklistDismissedAt: timestamptz('checklist_dismissed_at'),
  },
  (table) => [
    check('users_role', sql`${table.role} in ('settings_administrator', 'settings_viewer')`),
    check('users_totp', sql`${table.totpConfirmedAt} is null or ${table.totpSecret} is not null`),
  ],
);
