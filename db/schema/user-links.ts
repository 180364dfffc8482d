import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';
import { users } from './users.ts';

/** Links of invitations and password resets. Each is valid once. The token is derived from the id and AUTH_SECRET. */
export const userLinks = pgTable(
  'user_links',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    purpose: text('purpose', { enum: ['invitation', 'password_reset'] }).notNull(),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    /** The administrator who requested the link; null: the user. */
    createdBy: uuid('created_by'),
    expiresAt: timestamptz('expires_at').notNull(),
    /** When the link was used, replaced or withdrawn. After that, it is invalid. */
    endedAt: timestamptz('ended_at'),
    /**
     * `replaced`: an administrator sent a newer link. `withdrawn`: for any other reason, such as a new password, a
     * changed email address or a deactivation.
     */
    endReason: text('end_reason', { enum: ['used', 'replaced', 'withdrawn'] }),
  },
  (table) => [index('user_links_user').on(table.userId)],
);
