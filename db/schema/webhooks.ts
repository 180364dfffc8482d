import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytes, timestamptz } from './columns.ts';

/** URLs of the organisation's systems that get events. */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: uuid('id').primaryKey(),
    url: text('url').notNull(),
    description: text('description').notNull().default(''),
    /** The types of the events that it gets. */
    eventTypes: text('event_types').array().notNull(),
    /** The signing secret, encrypted with a key that is derived from AUTH_SECRET. */
    secret: bytes('secret').notNull(),
    /** The secret before the last rotation, encrypted in the same way. Signs, too, until it expires. */
    previousSecret: bytes('previous_secret'),
    previousSecretExpiresAt: timestamptz('previous_secret_expires_at'),
    /**
     * When and why it was disabled; null while it is enabled. `failing`: no delivery succeeded for five days. `gone`: it
     * responded with 410.
     */
    disabledAt: timestamptz('disabled_at'),
    disabledReason: text('disabled_reason', { enum: ['failing', 'gone', 'administrator'] }),
    /** The first failed attempt since the last successful one. */
    failingSince: timestamptz('failing_since'),
    /** The last successful delivery, except of a test event. */
    lastDeliveryAt: timestamptz('last_delivery_at'),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    createdBy: uuid('created_by').notNull(),
    updatedAt: timestamptz('updated_at').notNull().defaultNow(),
    updatedBy: uuid('updated_by').notNull(),
    /** Increases with each change by an administrator or a program. */
    version: integer('version').notNull().default(1),
  },
  (table) => [
    check('webhook_endpoints_event_types', sql`cardinality(${table.eventTypes}) > 0`),
    check(
      'webhook_endpoints_disabled',
      sql`(${table.disabledAt} is null) = (${table.disabledReason} is null)`,
    ),
    check(
      'webhook_endpoints_previous_secret',
      sql`(${table.previousSecret} is null) = (${table.previousSecretExpiresAt} is null)`,
    ),
  ],
);

/** Events that at least one endpoint gets, inserted in the transaction of the change. Deleted after 30 days. */
export const webhookEvents = pgTable(
  'webhook_events',
  {
    /** Sent as `webhook-id`. That of an audit event is the id of its row in `audit_events`. */
    id: uuid('id').primaryKey(),
    type: text('type').notNull(),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    /** Without a foreign key, because the event of a deletion outlives the account. */
    accountId: uuid('account_id'),
    /** Sent as `data`. Null for an audit event, which is read when it is sent. */
    data: jsonb('data').$type<Record<string, unknown>>(),
  },
  (table) => [
    index('webhook_events_created').on(table.createdAt),
    index('webhook_events_account').on(table.accountId),
  ],
);

/** The delivery of an event to an endpoint. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: uuid('id').primaryKey(),
    endpointId: uuid('endpoint_id')
      .notNull()
      .references(() => webhookEndpoints.id, { onDelete: 'cascade' }),
    eventId: uuid('event_id')
      .notNull()
      .references(() => webhookEvents.id, { onDelete: 'cascade' }),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    /**
     * The deliveries of an account are sent in this order. Not `now()`: a transaction that waits for the account's lock
     * can begin earlier than the one that it waits for.
     */
    recordedAt: timestamptz('recorded_at').notNull().default(sql`clock_timestamp()`),
    /** The account whose events are sent in order. Null: the delivery waits for no other. */
    orderedByAccount: uuid('ordered_by_account'),
    state: text('state', { enum: ['pending', 'delivered', 'failed'] })
      .notNull()
      .default('pending'),
    /** A test event is sent once, also to a disabled endpoint, and does not count as a failure of the endpoint. */
    isTest: boolean('is_test').notNull().default(false),
    attempts: integer('attempts').notNull().default(0),
    /** Attempts since the delivery was created or last requested again, by which the retries are scheduled. */
    attemptsInWindow: integer('attempts_in_window').notNull().default(0),
    /** When the delivery was created or last requested again. Retries end 28 hours later. */
    windowStartedAt: timestamptz('window_started_at').notNull().defaultNow(),
    /** Time of the next attempt. Null once the delivery has ended. */
    nextAttemptAt: timestamptz('next_attempt_at').defaultNow(),
    /** While it is in the future, a job for the next attempt is queued. */
    queuedUntil: timestamptz('queued_until'),
    /** End of the current attempt's lease. No other attempt begins before. */
    attemptUntil: timestamptz('attempt_until'),
    endedAt: timestamptz('ended_at'),
  },
  (table) => [
    unique('webhook_deliveries_event').on(table.eventId, table.endpointId),
    index('webhook_deliveries_endpoint').on(table.endpointId, table.id),
    // Serve the search for deliveries that are due, the count of those that are being sent, and the search for earlier ones
    // of the same account.
    index('webhook_deliveries_due')
      .on(table.endpointId, table.nextAttemptAt)
      .where(sql`${table.state} = 'pending'`),
    index('webhook_deliveries_busy')
      .on(table.endpointId)
      .where(sql`${table.queuedUntil} is not null or ${table.attemptUntil} is not null`),
    index('webhook_deliveries_order')
      .on(table.endpointId, table.orderedByAccount, table.recordedAt)
      .where(sql`${table.state} = 'pending'`),
    check('webhook_deliveries_state', sql`${table.state} in ('pending', 'delivered', 'failed')`),
    check(
      'webhook_deliveries_pending',
      sql`(${table.state} = 'pending') = (${table.nextAttemptAt} is not null) and (${table.state} = 'pending') = (${table.endedAt} is null)`,
    ),
  ],
);

/** Attempts to deliver an event, and the responses. */
export const webhookAttempts = pgTable(
  'webhook_attempts',
  {
    id: uuid('id').primaryKey(),
    deliveryId: uuid('delivery_id')
      .notNull()
      .references(() => webhookDeliveries.id, { onDelete: 'cascade' }),
    at: timestamptz('at').notNull().defaultNow(),
    durationMs: integer('duration_ms').notNull(),
    /** Status of the response; null if there was none. */
    status: integer('status'),
    /** Some headers of the response. */
    responseHeaders: jsonb('response_headers').$type<Record<string, string>>().notNull(),
    /** The beginning of the response's body. */
    responseBody: text('response_body').notNull(),
    /** Why there was no response; null if there was one. */
    error: text('error'),
  },
  (table) => [index('webhook_attempts_delivery').on(table.deliveryId, table.at)],
);
