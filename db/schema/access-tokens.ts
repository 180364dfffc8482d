import { sql } from 'drizzle-orm';
import { check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, timestamptz } from './columns.ts';

/**
 * Access tokens for the management API. They belong to the organisation, so they outlive the user who created them. The
 * rows stay, because the audit log shows the names.
 */
export const accessTokens = pgTable(
  'access_tokens',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    /** SHA-256 of the token. */
    digest: bytes('digest').notNull().unique(),
    scopes: text('scopes', { enum: ['accounts:read', 'accounts:write', 'audit:read', 'webhooks:write'] })
      .array()
      .notNull(),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    createdBy: uuid('created_by').notNull(),
    expiresAt: timestamptz('expires_at').notNull(),
    /** When and from which IP address it was last used. Written about once a minute. */
    lastUsedAt: timestamptz('last_used_at'),
    lastIpAddress: text('last_ip_address'),
    revokedAt: timestamptz('revoked_at'),
    /** Null if it was revoked because it had leaked. */
    revokedBy: uuid('revoked_by'),
    /** How many days before the expiry administrators were last reminded: 14, 7, 1 or 0. Null: not yet. */
    reminderDays: integer('reminder_days'),
  },
  (table) => [
    check('access_tokens_digest_length', sql`octet_length(${table.digest}) = 32`),
    check(
      'access_tokens_scopes',
      sql`cardinality(${table.scopes}) > 0
        and ${table.scopes} <@ array['accounts:read', 'accounts:write', 'audit:read', 'webhooks:write']`,
    ),
    check(
      'access_tokens_expiry',
      sql`${table.expiresAt} - ${table.createdAt} between interval '0' and interval '365 days'`,
    ),
    check('access_tokens_revoked', sql`${table.revokedBy} is null or ${table.revokedAt} is not null`),
    check('access_tokens_reminder_days', sql`${table.reminderDays} in (14, 7, 1, 0)`),
  ],
);
