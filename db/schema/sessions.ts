import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { users } from './users.ts';

/** One row for each sign-in. The browser's cookie holds the id, signed, and nothing else. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: instant('created_at').notNull().defaultNow(),
    lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
    /** From where, as it was at sign-in. */
    address: text('address'),
    userAgent: text('user_agent'),
    /** How the person proved who they are. */
    method: text('method', {
      enum: ['password', 'password_totp', 'password_passkey', 'password_recovery', 'passkey', 'oidc'],
    })
      .notNull()
      .default('password'),
    /** When they last did: what needs a fresh proof asks how long ago this is. */
    authenticatedAt: instant('proven_at').notNull().defaultNow(),
    endedAt: instant('ended_at'),
    endedBecause: text('ended_because', {
      enum: [
        'signed_out',
        'replaced',
        'ended_by_user',
        'ended_by_administrator',
        'password_changed',
        'role_changed',
        'deactivated',
        'factor_changed',
      ],
    }),
  },
  (table) => [index('sessions_user').on(table.userId)],
);

/** A password that was right, while the second factor is awaited. Good for ten minutes and five tries, once. */
export const pendingSignIns = pgTable(
  'pending_sign_ins',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
    tries: integer('tries').notNull().default(0),
    usedAt: instant('used_at'),
  },
  (table) => [
    index('pending_sign_ins_user').on(table.userId),
    check('pending_sign_ins_tries', sql`${table.tries} between 0 and 5`),
  ],
);
