import { sql } from 'drizzle-orm';
import { bigint, check, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, instant } from './columns.ts';

/**
 * Who did what to which account or user, written in the transaction of the act. Rows are added and read, never
 * changed: the program's own database user may do nothing else (`lib/audit/permissions.ts`), and each row holds the
 * digest of the one before.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: uuid('id').primaryKey(),
    at: instant('at').notNull().defaultNow(),
    act: text('act').notNull(),
    outcome: text('outcome', { enum: ['done', 'refused'] })
      .notNull()
      .default('done'),
    /** Who did it. Null: the integrator, the system itself, or somebody who is not known. */
    userId: uuid('user_id'),
    /** To which account. */
    accountId: uuid('account_id'),
    /** To which user. */
    targetUserId: uuid('target_user_id'),
    /** From which IP address; null where the system did it. */
    address: text('address'),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
    /** Its place in the chain, from 1, without gaps. Null: written before there was a chain. */
    position: bigint('position', { mode: 'number' }).unique(),
    /** SHA-256 of this entry and of the digest before it (`lib/audit/chain.ts`). */
    digest: bytes('digest'),
  },
  (table) => [
    index('audit_events_account').on(table.accountId, table.at),
    index('audit_events_user').on(table.userId, table.at),
    index('audit_events_target').on(table.targetUserId, table.at),
    index('audit_events_at').on(table.at),
    check('audit_events_outcome', sql`${table.outcome} in ('done', 'refused')`),
    check('audit_events_chain', sql`(${table.position} is null) = (${table.digest} is null)`),
    // NOT VALID in the migration: it binds new rows, and spares those from before there was a chain.
    check('audit_events_placed', sql`${table.position} is not null`),
  ],
);

/** The end of the chain, and where it begins since old entries were thrown away. One row. */
export const auditChain = pgTable(
  'audit_chain',
  {
    id: text('id').primaryKey().default('only'),
    position: bigint('position', { mode: 'number' }).notNull(),
    digest: bytes('digest').notNull(),
    /** The last entry that retention threw away: position and digest. 0 and 32 zero bytes: none. */
    startPosition: bigint('start_position', { mode: 'number' }).notNull(),
    startDigest: bytes('start_digest').notNull(),
  },
  (table) => [check('audit_chain_only', sql`${table.id} = 'only'`)],
);
