import { sql } from 'drizzle-orm';
import { bigint, boolean, check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, instant } from './columns.ts';

/** The people who may sign in to the administrators' pages. */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    /** As typed; what messages are sent to. */
    email: text('email').notNull(),
    /** Trimmed and in lower case: what a sign-in is looked up by. */
    emailFolded: text('email_folded').notNull().unique(),
    name: text('name').notNull(),
    /** An argon2id hash in PHC string format; null where no password was set: invited, or single sign-on only. */
    passwordHash: text('password_hash'),
    passwordChangedAt: instant('password_changed_at'),
    /** It has 15 characters or more: enough without a second factor (NIST SP 800-63B-4, 3.1.1.2). */
    passwordStandsAlone: boolean('password_stands_alone').notNull().default(false),
    /** Null: may sign in, but sees no settings. */
    role: text('role', { enum: ['settings_administrator', 'settings_viewer'] }),
    active: boolean('active').notNull().default(true),
    /** The secret of an authenticator app (RFC 6238), encrypted with a key of AUTH_SECRET's. */
    totpSecret: bytes('totp_secret'),
    /** When the first code of the app was right; until then it is no factor. */
    totpConfirmedAt: instant('totp_confirmed_at'),
    /** The last time step whose code was taken: no code is taken twice. */
    totpLastStep: bigint('totp_last_step', { mode: 'number' }),
    /** Goes up with each change by an administrator; what an editor saw when it was opened. */
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    updatedBy: uuid('updated_by'),
  },
  (table) => [
    check('users_role', sql`${table.role} in ('settings_administrator', 'settings_viewer')`),
    check('users_totp', sql`${table.totpConfirmedAt} is null or ${table.totpSecret} is not null`),
  ],
);
