import { sql } from 'drizzle-orm';
import { bigint, check, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, timestamptz } from './columns.ts';

/**
 * Audit events, inserted in the transaction of the action. Append-only: with a role of their own, the services may only
 * insert and read (`db/renew-grants.ts`). Each row's digest covers the digest of the previous row.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: uuid('id').primaryKey(),
    at: timestamptz('at').notNull().defaultNow(),
    action: text('action').notNull(),
    /** `refused`: refused or failed. */
    outcome: text('outcome', { enum: ['done', 'refused'] })
      .notNull()
      .default('done'),
    /** The acting user. Null: an access token, the integrator, a service, the console or an unauthenticated request. */
    userId: uuid('user_id'),
    /** The acting access token; null for every other actor. */
    accessTokenId: uuid('access_token_id'),
    /** The account that the action affected. */
    accountId: uuid('account_id'),
    /** The user that the action affected. */
    targetUserId: uuid('target_user_id'),
    /** IP address of the request; null if there was none (services, console). */
    ipAddress: text('address'),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
    /** Position in the chain, from 1, without gaps. Null: inserted before the chain was introduced. */
    position: bigint('position', { mode: 'number' }).unique(),
    /** SHA-256 of this event and the previous digest (`lib/audit/chain.ts`). */
    digest: bytes('digest'),
  },
  (table) => [
    index('audit_events_account').on(table.accountId, table.at),
    index('audit_events_user').on(table.userId, table.at),
    // Most entries have none.
    index('audit_events_access_token')
      .on(table.accessTokenId, table.at)
      .where(sql`${table.accessTokenId} is not null`),
    index('audit_events_target').on(table.targetUserId, table.at),
    index('audit_events_at').on(table.at),
    check('audit_events_actor', sql`${table.userId} is null or ${table.accessTokenId} is null`),
    check('audit_events_outcome', sql`${table.outcome} in ('done', 'refused')`),
    check('audit_events_chain', sql`(${table.position} is null) = (${table.digest} is null)`),
    // The migration adds it as NOT VALID, so it applies to new rows and not to those from before the chain.
    check('audit_events_position_required', sql`${table.position} is not null`),
  ],
);

/**
 * Email addresses, phone numbers, display names and networks of events about an API account, apart from the events, so
 * that they can be erased with the account. The event's details have a digest of the row
 * (`lib/audit/erasable-details.ts`). Services may insert, read and delete rows, but not update them. No foreign key:
 * checking it needs the right to update events.
 */
export const auditErasableDetails = pgTable('audit_erasable_details', {
  eventId: uuid('event_id').primaryKey(),
  /** 32 random bytes, so that the values cannot be guessed from the digest after the row is deleted. */
  salt: bytes('salt').notNull(),
  details: jsonb('details').$type<Record<string, unknown>>().notNull(),
});

/** The end of the chain, and its start after old events were deleted. One row. */
export const auditChain = pgTable(
  'audit_chain',
  {
    id: text('id').primaryKey().default('only'),
    position: bigint('position', { mode: 'number' }).notNull(),
    digest: bytes('digest').notNull(),
    /** Position and digest of the last event that retention deleted. 0 and 32 zero bytes: none. */
    startPosition: bigint('start_position', { mode: 'number' }).notNull(),
    startDigest: bytes('start_digest').notNull(),
  },
  (table) => [check('audit_chain_only', sql`${table.id} = 'only'`)],
);
