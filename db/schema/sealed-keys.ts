import { index, pgTable, uuid } from 'drizzle-orm/pg-core';
import { bytes, timestamptz } from './columns.ts';
import { reveals } from './reveals.ts';

/**
 * Keys that were just shown, so that a lost response can be repeated for two minutes. Each is encrypted with a key that
 * is derived from AUTH_SECRET and a secret of the integrator's browser, which is not stored.
 */
export const sealedKeys = pgTable(
  'sealed_keys',
  {
    revealId: uuid('reveal_id')
      .primaryKey()
      .references(() => reveals.id, { onDelete: 'cascade' }),
    sealed: bytes('sealed').notNull(),
    expiresAt: timestamptz('expires_at').notNull(),
  },
  (table) => [index('sealed_keys_expiry').on(table.expiresAt)],
);
