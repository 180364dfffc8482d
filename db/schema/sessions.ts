import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';
import { users } from './users.ts';

/** Sessions of users. The browser's cookie contains only the signed id. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    lastSeenAt: timestamptz('last_seen_at').notNull().defaultNow(),
    /** IP address and user agent at sign-in. */
    ipAddress: text('address'),
    userAgent: text('user_agent'),
    /** Authentication method of the sign-in. */
    method: text('method', {
      enum: ['password', 'password_totp', 'password_passkey', 'password_recovery', 'passkey', 'oidc'],
    })
      .notNull()
      .default('password'),
    /** Time of the last authentication, by which actions decide whether the user must re-authenticate. */
    authenticatedAt: timestamptz('authenticated_at').notNull().defaultNow(),
    endedAt: timestamptz('ended_at'),
    endReason: text('end_reason', {
      enum: [
        'signed_out',
        // The user signed in again in the same browser.
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

/** Sign-ins with the right password that wait for the second factor. Valid once, for ten minutes and five attempts. */
export const pendingSignIns = pgTable(
  'pending_sign_ins',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    expiresAt: timestamptz('expires_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    usedAt: timestamptz('used_at'),
  },
  (table) => [
    index('pending_sign_ins_user').on(table.userId),
    check('pending_sign_ins_attempts', sql`${table.attempts} between 0 and 5`),
  ],
);
