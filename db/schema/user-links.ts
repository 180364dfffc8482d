import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { users } from './users.ts';

/** A link by email that lets a user set a password: once. Its token is derived from the id and AUTH_SECRET. */
export const userLinks = pgTable(
  'user_links',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    purpose: text('purpose', { enum: ['invitation', 'password_reset'] }).notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** Who asked for it; null: the person. */
    createdBy: uuid('created_by'),
    expiresAt: instant('expires_at').notNull(),
    /** When it was used, or replaced by a newer one: dead either way. */
    endedAt: instant('ended_at'),
    endedBecause: text('ended_because', { enum: ['used', 'replaced', 'withdrawn'] }),
  },
  (table) => [index('user_links_user').on(table.userId)],
);
