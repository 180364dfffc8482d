import { sql } from 'drizzle-orm';
import { boolean, check, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

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
    /** An argon2id hash in PHC string format. */
    passwordHash: text('password_hash').notNull(),
    /** Null: may sign in, but sees no settings. */
    role: text('role', { enum: ['settings_administrator', 'settings_viewer'] }),
    active: boolean('active').notNull().default(true),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [check('users_role', sql`${table.role} in ('settings_administrator', 'settings_viewer')`)],
);
